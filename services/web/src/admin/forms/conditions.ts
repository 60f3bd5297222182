/** Skip logic as a list of lines that are all, or any of them, asked for. Pure. */
export type Comparator = 'eq' | 'not' | 'gt' | 'ge' | 'lt' | 'le'

export interface Line {
  field: string
  is: Comparator
  value: string
}

export interface Lines {
  join: 'and' | 'or'
  lines: Line[]
}

const COMPARATORS = new Set(['eq', 'gt', 'ge', 'lt', 'le'])
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Nothing for a tree that says more than such a list can; it is kept as it is. */
export function linesOf(tree: unknown): Lines | null {
  if (tree == null || (isObject(tree) && Object.keys(tree).length === 0)) return { join: 'and', lines: [] }
  if (!isObject(tree)) return null
  const [key, value] = Object.entries(tree)[0] as [string, unknown]
  if (Object.keys(tree).length > 1) return null
  if ((key === 'and' || key === 'or') && Array.isArray(value)) {
    const lines = value.map(lineOf)
    return lines.some((one) => one === null) ? null : { join: key, lines: lines as Line[] }
  }
  const line = lineOf(tree)
  return line === null ? null : { join: 'and', lines: [line] }
}

function lineOf(tree: unknown): Line | null {
  if (!isObject(tree) || Object.keys(tree).length !== 1) return null
  const [key, value] = Object.entries(tree)[0] as [string, unknown]
  if (key === 'not') {
    const inner = lineOf(value)
    return inner?.is === 'eq' ? { ...inner, is: 'not' } : null
  }
  if (!COMPARATORS.has(key) || !isObject(value) || Object.keys(value).length !== 1) return null
  const [field, wanted] = Object.entries(value)[0] as [string, unknown]
  return isObject(wanted) || Array.isArray(wanted) || wanted === null ? null : { field, is: key as Comparator, value: String(wanted) }
}

/** Values of a field's kind: numbers and yes/no are none of text. */
function valueOf(text: string, type: string | undefined): unknown {
  if (type === 'numeric_field' || type === 'calculated') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'tick_box' || (type === 'radio_button' && (text === 'true' || text === 'false'))) return text === 'true'
  return text
}

export function treeOf({ join, lines }: Lines, typeOf: (field: string) => string | undefined): Record<string, unknown> | null {
  const trees = lines.filter((one) => one.field !== '').map(({ field, is, value }) => {
    const wanted = { [field]: valueOf(value, typeOf(field)) }
    return is === 'not' ? { not: { eq: wanted } } : { [is]: wanted }
  })
  if (trees.length === 0) return null
  return trees.length === 1 ? (trees[0] as Record<string, unknown>) : { [join]: trees }
}
