/**
 * Expressions of skip logic, option conditions and calculations: the same trees and the same
 * answers as on the server (`services/kit/records/src/expression.rs`); both run the vectors of
 * `services/kit/records/vectors/expressions.json`.
 */
import { momentOf } from './moments'

export type Data = Readonly<Record<string, unknown>>
type Comparator = 'eq' | 'gt' | 'ge' | 'lt' | 'le' | 'in'
type Operand = { literal: unknown } | { field: string } | { nested: Expression }

export type Expression =
  | { is: 'and' | 'or'; all: Expression[] }
  | { is: 'not'; inner: Expression }
  | { is: Comparator; field: string; value: Operand }
  | { is: 'sum' | 'avg'; operands: Operand[]; places: number | null }

/** A tree that is no expression. */
export class Malformed extends Error {}

const DEPTH = 24
const MOST_PLACES = 9
const COMPARATORS: ReadonlySet<string> = new Set(['eq', 'gt', 'ge', 'lt', 'le', 'in'])
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function parse(tree: unknown, depth = DEPTH): Expression {
  if (!isObject(tree)) throw new Malformed('an expression is an object with an operator')
  if (depth === 0) throw new Malformed('the expression is nested too deeply')
  const parts = Object.entries(tree).filter(([key]) => key !== 'disabled' && key !== 'extra')
  const all = parts.map(([key, value]) => operation(key, value, tree.extra, depth - 1))
  const [first] = all
  if (first === undefined) throw new Malformed('an expression is an object with an operator')
  return all.length === 1 ? first : { is: 'and', all }
}

function operation(key: string, value: unknown, extra: unknown, depth: number): Expression {
  if (key === 'and' || key === 'or') {
    if (!Array.isArray(value)) throw new Malformed('this operator takes a list')
    return { is: key, all: value.map((one) => parse(one, depth)) }
  }
  if (key === 'not') {
    const inner: unknown = Array.isArray(value) && value.length > 0 ? value[0] : value
    return { is: 'not', inner: parse(inner, depth) }
  }
  if (COMPARATORS.has(key)) return comparison(key as Comparator, value, depth)
  if (key === 'sum' || key === 'avg') return arithmetic(key, value, extra, depth)
  return { is: 'eq', field: key, value: operandOf(value, depth) }
}

function comparison(is: Comparator, value: unknown, depth: number): Expression {
  const fields = isObject(value) ? Object.entries(value) : []
  const all = fields.map(([field, wanted]): Expression => ({ is, field, value: operandOf(wanted, depth) }))
  const [first] = all
  if (first === undefined) throw new Malformed('an expression is an object with an operator')
  return all.length === 1 ? first : { is: 'and', all }
}

/** The compared value: an expression where it reads as one of arithmetic, else itself. */
function operandOf(value: unknown, depth: number): Operand {
  if (isObject(value) && ('sum' in value || 'avg' in value)) {
    try {
      return { nested: parse(value, depth) }
    } catch {
      return { literal: value }
    }
  }
  return { literal: value }
}

function arithmetic(is: 'sum' | 'avg', value: unknown, outer: unknown, depth: number): Expression {
  const inner = isObject(value) ? value : {}
  const list = 'data' in inner ? inner.data : value
  if (!Array.isArray(list)) throw new Malformed('this operator takes a list')
  const operands = list.map((one): Operand => {
    if (typeof one === 'string') return { field: one }
    return isObject(one) ? { nested: parse(one, depth) } : { literal: one }
  })
  return { is, operands, places: placesOf('extra' in inner ? inner.extra : outer) }
}

function placesOf(extra: unknown): number | null {
  const places = isObject(extra) ? extra.decimalPlaces : undefined
  if (places === undefined || places === null) return null
  if (typeof places === 'number' && Number.isInteger(places) && places >= 0 && places <= MOST_PLACES) return places
  throw new Malformed('decimalPlaces is a number from 0 to 9')
}

/** The value for a record or a subform's entry. */
export function valueOf(expression: Expression, data: Data): unknown {
  switch (expression.is) {
    case 'and': return expression.all.every((one) => holds(one, data))
    case 'or': return expression.all.some((one) => holds(one, data))
    case 'not': return !holds(expression.inner, data)
    case 'sum': return sum(numbers(expression.operands, data), expression.places)
    case 'avg': return average(numbers(expression.operands, data), expression.places)
    default: return compare(expression.is, data[expression.field] ?? null, operandValue(expression.value, data))
  }
}

/** Whether the expression holds for a record or a subform's entry. */
export function holds(expression: Expression, data: Data): boolean {
  const value = valueOf(expression, data)
  return typeof value === 'object' ? value !== null : Boolean(value)
}

const operandValue = (operand: Operand, data: Data): unknown => {
  if ('literal' in operand) return operand.literal
  return 'field' in operand ? (data[operand.field] ?? null) : valueOf(operand.nested, data)
}

const numbers = (operands: Operand[], data: Data): number[] =>
  operands.map((operand) => operandValue(operand, data)).filter((value) => typeof value === 'number')

const total = (all: number[]) => all.reduce((sum, one) => sum + one, 0)
/** Half away from zero, as the server rounds. */
const round = (value: number) => Math.sign(value) * Math.round(Math.abs(value))
/** No minus zero: JSON has none that anybody means. */
const plain = (value: number) => (Number.isFinite(value) ? value + 0 : null)

function sum(all: number[], places: number | null): number | null {
  const exact = total(all)
  if (places === null) return plain(exact)
  const scale = 10 ** places
  return plain(round(exact * scale) / scale)
}

function average(all: number[], places: number | null): number | null {
  if (all.length === 0) return null
  if (places === null) return plain(Math.floor(total(all) / all.length))
  const scale = 10 ** places
  // Scaled before it is divided, so that an exact half stays one.
  return plain(round((total(all) * scale) / all.length) / scale)
}

function compare(comparator: Comparator, have: unknown, want: unknown): boolean {
  if (comparator === 'eq') return equal(have, want)
  if (comparator === 'in') return isIn(have, want)
  const difference = order(have, want)
  if (difference === null) return false
  switch (comparator) {
    case 'gt': return difference > 0
    case 'ge': return difference >= 0
    case 'lt': return difference < 0
    case 'le': return difference <= 0
  }
}

/** Equality of values: nothing equals `false`, lists hold the same elements, dates are moments. */
export function equal(have: unknown, want: unknown): boolean {
  if ((have === null && want === false) || (have === false && want === null)) return true
  if (Array.isArray(have) && Array.isArray(want)) {
    return have.length === want.length && containsAll(have, want) && containsAll(want, have)
  }
  return same(have, want) || order(have, want) === 0
}

/** Whether two JSON values are the same, element by element. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => same(value, other[at]))
  }
  if (!isObject(one) || !isObject(other)) return false
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => name in other && same(one[name], other[name]))
}

function isIn(have: unknown, listed: unknown): boolean {
  if (!Array.isArray(listed)) return equal(have, listed)
  if (have === null) return false
  return Array.isArray(have) ? containsAll(have, listed) : listed.some((want) => equal(have, want))
}

const containsAll = (have: unknown[], wanted: unknown[]) => wanted.every((want) => have.some((one) => equal(one, want)))

/** The order of two numbers or two moments; nothing else has one. */
function order(have: unknown, want: unknown): number | null {
  if (typeof have === 'number' && typeof want === 'number') return have - want
  if (typeof have !== 'string' || typeof want !== 'string') return null
  const [one, other] = [momentOf(have), momentOf(want)]
  return one === null || other === null ? null : one - other
}

/** Whether a condition shows what it stands on; one that cannot be read shows it. */
export function shows(condition: unknown, data: Data): boolean {
  const parsed = parsedCondition(condition)
  return parsed === null || holds(parsed, data)
}

/** The expression of a condition; none where it is absent, switched off or unreadable. */
export function parsedCondition(condition: unknown): Expression | null {
  if (!isObject(condition) || condition.disabled === true || Object.keys(condition).length === 0) return null
  try {
    return parse(condition)
  } catch {
    return null
  }
}

/** The fields that an expression looks at. */
export function fieldsOf(expression: Expression): string[] {
  switch (expression.is) {
    case 'and':
    case 'or': return expression.all.flatMap(fieldsOf)
    case 'not': return fieldsOf(expression.inner)
    case 'sum':
    case 'avg': return expression.operands.flatMap(fieldsOfOperand)
    default: return [expression.field, ...fieldsOfOperand(expression.value)]
  }
}

function fieldsOfOperand(operand: Operand): string[] {
  if ('field' in operand) return [operand.field]
  return 'nested' in operand ? fieldsOf(operand.nested) : []
}
