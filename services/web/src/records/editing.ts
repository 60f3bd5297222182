/**
 * A record while it is edited. Each field listens to itself only, and an expression is computed
 * anew when a field changes that it looks at: a typed letter costs what that letter concerns.
 */
import type { FieldFault } from '~/api/problem'
import type { Field, Form } from '~/api/schemas'
import { type Expression, fieldsOf, parsedCondition, parse, valueOf, holds, same } from './expressions'
import { today } from './moments'
import type { Values } from './patch'
import type { Entry } from './values'

type Listener = () => void

interface Calculation {
  field: string
  expression: Expression
  depends: Set<string>
}

export class Editing {
  values: Values
  private readonly fieldListeners = new Map<string, Set<Listener>>()
  private readonly allListeners = new Set<Listener>()
  private readonly conditions = new Map<string, { expression: Expression; depends: string[] }>()
  private readonly calculations: Calculation[]
  private readonly totals: { field: string; parts: Set<string> }[]
  private faultList: FieldFault[] = []

  constructor(
    values: Values,
    fields: Field[],
    /** The record around a subform's entry, for conditions on the record. */
    readonly around: Editing | null = null,
  ) {
    this.values = { ...values }
    this.calculations = fields.flatMap(calculationOf)
    this.totals = fields.flatMap((field) => totalOf(field, fields))
  }

  get(name: string): unknown {
    return this.values[name] ?? null
  }

  set(name: string, value: unknown): void {
    if (same(this.get(name), value)) return
    const changed = new Set([name])
    this.values = { ...this.values, [name]: value }
    this.follow(changed)
    if (this.faultList.length > 0) this.faultList = this.faultList.filter((fault) => rootOf(fault.pointer) !== name)
    for (const one of changed) for (const listener of this.fieldListeners.get(one) ?? []) listener()
    for (const listener of this.allListeners) listener()
  }

  /** Calculated fields and totals that a change concerns; they may build on each other. */
  private follow(changed: Set<string>): void {
    for (let round = 0; round < 4; round += 1) {
      const before = changed.size
      for (const { field, expression, depends } of this.calculations) {
        if ([...depends].some((name) => changed.has(name))) this.put(field, valueOf(expression, this.values), changed)
      }
      for (const { field, parts } of this.totals) {
        if ([...parts].some((name) => changed.has(name))) this.put(field, sumOf(parts, this.values), changed)
      }
      if (changed.size === before) break
    }
  }

  private put(name: string, value: unknown, changed: Set<string>): void {
    if (same(this.get(name), value)) return
    this.values = { ...this.values, [name]: value }
    changed.add(name)
  }

  listen(name: string, listener: Listener): () => void {
    const listeners = this.fieldListeners.get(name) ?? new Set()
    this.fieldListeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  listenAll(listener: Listener): () => void {
    this.allListeners.add(listener)
    return () => this.allListeners.delete(listener)
  }

  get faults(): FieldFault[] {
    return this.faultList
  }

  /** Places what the server refused on its fields. */
  refuse(faults: FieldFault[]): void {
    this.faultList = faults
    for (const listeners of this.fieldListeners.values()) for (const listener of listeners) listener()
    for (const listener of this.allListeners) listener()
  }

  /** What the server says of a field; of a subform, what it says of the subform itself. */
  faultOf(name: string): string | null {
    const own = (fault: FieldFault) => fault.pointer === `/${name}`
    return this.faultList.find(own)?.message ?? null
  }

  /** Whether skip logic shows a field, and on which fields that hangs. */
  condition(field: Field): { depends: string[]; shows: () => boolean } {
    const own = this.around === null ? field.display_conditions_record : field.display_conditions_subform
    const mine = this.compiled(`${field.name}/own`, own)
    const outer = this.around === null ? null : this.around.compiled(`${field.name}/outer`, field.display_conditions_record)
    return {
      depends: mine?.depends ?? [],
      shows: () =>
        (mine === null || holds(mine.expression, this.values)) &&
        (outer === null || this.around === null || holds(outer.expression, this.around.values)),
    }
  }

  private compiled(key: string, tree: unknown) {
    const known = this.conditions.get(key)
    if (known !== undefined) return known
    const expression = parsedCondition(tree)
    if (expression === null) return null
    const compiled = { expression, depends: fieldsOf(expression) }
    this.conditions.set(key, compiled)
    return compiled
  }
}

const rootOf = (pointer: string) => pointer.split('/')[1] ?? ''

function calculationOf(field: Field): Calculation[] {
  if (field.type !== 'calculated') return []
  const tree = (field.calculation as { expression?: unknown } | null)?.expression ?? field.calculation
  try {
    const expression = parse(tree)
    return [{ field: field.name, expression, depends: new Set(fieldsOf(expression)) }]
  } catch {
    return []
  }
}

/** A number that is the sum of the other numbers of its group. */
function totalOf(field: Field, fields: Field[]): { field: string; parts: Set<string> }[] {
  if (field.type !== 'numeric_field' || field.autosum_total !== true || !field.autosum_group) return []
  const parts = fields.filter((one) => one.type === 'numeric_field' && one.autosum_total !== true && one.autosum_group === field.autosum_group)
  return [{ field: field.name, parts: new Set(parts.map((one) => one.name)) }]
}

function sumOf(parts: Set<string>, values: Values): number | null {
  const filled = [...parts].map((name) => values[name]).filter((value) => typeof value === 'number')
  return filled.length === 0 ? null : filled.reduce((sum, one) => sum + one, 0)
}

/** A new record or entry with the defaults of its form. */
export function defaultsOf(form: Pick<Form, 'fields'>): Values {
  const values: Values = {}
  for (const field of form.fields) {
    const given = field.selected_value
    if (given === undefined || given === null || given === '') continue
    if (field.type === 'date_field') {
      if (given === 'TODAY') values[field.name] = today()
      else if (given === 'NOW') values[field.name] = new Date().toISOString()
      else values[field.name] = given
    } else if (field.type === 'tick_box') values[field.name] = given === true || given === 'true'
    else if (field.multi_select === true && !Array.isArray(given)) values[field.name] = [given]
    else values[field.name] = given
  }
  return values
}

export function newEntry(form: Pick<Form, 'fields'>): Entry {
  return { unique_id: crypto.randomUUID(), ...defaultsOf(form) }
}
