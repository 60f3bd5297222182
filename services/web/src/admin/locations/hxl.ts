/**
 * A table of places before it is sent: what each line would add, and what is wrong with it, by the
 * rules of the server (`services/configuration/domain/src/hxl.rs`). Pure.
 */
const LEVELS = 6

export interface Level {
  code: string
  names: Record<string, string>
  type: string
}

export type RowCode = 'required' | 'invalid' | 'no_parent' | 'moved'

export interface Row {
  /** Of the table, the first being 1. */
  line: number
  path: Level[]
  /** The level of the first of them. */
  top: number
  fault: { column: string; code: RowCode } | null
}

export interface Sheet {
  tags: string[]
  rows: Row[]
}

/** Cells of a CSV text: quotes, doubled quotes, line ends within them. */
export function cells(text: string): { line: number; row: string[] }[] {
  const found: { line: number; row: string[] }[] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  const end = () => {
    row.push(cell)
    cell = ''
  }
  const close = () => {
    end()
    if (row.length > 1 || row[0] !== '') found.push({ line: found.length + 1, row })
    row = []
  }
  const body = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  for (let at = 0; at < body.length; at += 1) {
    const letter = body[at]
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (body[at + 1] === '"') { cell += '"'; at += 1 } else quoted = false
    } else if (letter === '"' && cell === '') quoted = true
    else if (letter === ',') end()
    else if (letter === '\n') close()
    else cell += letter
  }
  if (cell !== '' || row.length > 0) close()
  return found
}

type Part = { level: number; is: 'code' | 'type' } | { level: number; is: 'name'; language: string }

function partOf(tag: string): Part | null {
  const [head = '', ...attributes] = tag.trim().toLowerCase().split('+').map((one) => one.trim())
  const adm = /^#adm([1-9])$/.exec(head)
  const level = head === '#country' ? 0 : adm === null ? -1 : Number(adm[1])
  if (level < 0 || level >= LEVELS) return null
  const said = attributes.filter((one) => one !== '')
  if (said.includes('code')) return { level, is: 'code' }
  if (said.includes('type')) return { level, is: 'type' }
  if (said.includes('name') || said.length === 0) return { level, is: 'name', language: said.find((one) => one !== 'name') ?? 'en' }
  return null
}

const tagOf = (level: number) => (level === 0 ? '#country' : `#adm${level}`)
const CODE = /^[\p{L}\p{N}_-]{1,64}$/u

/** Where the places stand that there are: codes from the top down. */
export type Known = ReadonlyMap<string, readonly string[]>

/** Nothing when no row of tags names a code. */
export function readSheet(text: string, known: Known): Sheet | null {
  const rows = cells(text)
  const at = rows.findIndex(({ row }) => row.some((one) => one.trimStart().startsWith('#')))
  const tags = rows[at]?.row ?? []
  const parts = tags.map(partOf)
  if (!parts.some((part) => part?.is === 'code')) return null
  const places = new Map(known)
  return { tags, rows: rows.slice(at + 1).map(({ line, row }) => placed(readRow(line, row, parts), places)) }
}

/** A place keeps its place, and a new one needs its English name. */
function placed(row: Row, places: Map<string, readonly string[]>): Row {
  const codes = row.path.map((one) => one.code)
  const first = row.path.length === 0 ? 0 : row.top
  for (const [at, place] of row.path.entries()) {
    const stands = places.get(place.code)
    if (stands !== undefined && stands.join('/') !== codes.slice(0, at + 1).join('/')) return { ...row, path: [], fault: { column: `${tagOf(first + at)} code`, code: 'moved' } }
    if (stands === undefined && (place.names.en ?? '') === '') return { ...row, path: [], fault: { column: `${tagOf(first + at)} name+en`, code: 'required' } }
  }
  codes.forEach((code, at) => places.set(code, codes.slice(0, at + 1)))
  return row
}

function readRow(line: number, row: string[], parts: (Part | null)[]): Row {
  const levels = new Map<number, Level>()
  parts.forEach((part, column) => {
    const cell = (row[column] ?? '').trim()
    if (part === null || cell === '') return
    const level = levels.get(part.level) ?? { code: '', names: {}, type: '' }
    levels.set(part.level, level)
    if (part.is === 'code') level.code = cell
    else if (part.is === 'type') level.type = cell
    else if (part.is === 'name') level.names[part.language] = cell
  })
  const used = [...levels.keys()].sort((one, other) => one - other)
  const top = used[0] ?? 0
  const fail = (level: number, code: RowCode): Row => ({ line, path: [], top, fault: { column: `${tagOf(level)} code`, code } })
  if (used.length === 0) return fail(top, 'required')
  for (const [place, level] of used.entries()) {
    const code = levels.get(level)?.code ?? ''
    if (level !== top + place) return fail(level, 'no_parent')
    if (code === '') return fail(level, 'required')
    if (!CODE.test(code)) return fail(level, 'invalid')
  }
  return { line, top, path: used.flatMap((level) => levels.get(level) ?? []), fault: null }
}

/** What the rows come to, beside the places that are known. */
export function outcome(sheet: Sheet, known: Known): { added: string[]; touched: number; faults: number } {
  const added = new Set<string>()
  const touched = new Set<string>()
  for (const { path } of sheet.rows) for (const { code } of path) (known.has(code) ? touched : added).add(code)
  return { added: [...added], touched: touched.size, faults: sheet.rows.filter((one) => one.fault !== null).length }
}
