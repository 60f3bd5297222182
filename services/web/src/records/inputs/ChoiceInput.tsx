import { useMemo, useSyncExternalStore, useCallback, useState } from 'react'
import { useWords } from '~/i18n'
import { Icon } from '~/ui/Icon'
import type { InputProps } from '../FieldInput'
import { ChooseDialog } from './ChooseDialog'
import { type Choice, choicesOf, labelOf, offered, sourceOf } from '../options'
import { fieldsOf, parsedCondition } from '../expressions'
import { useCatalog } from '../useCatalog'
import { useValue } from '../useEditing'

/** Up to so many options are shown at once; more are found by typing. */
const FEW = 8

/** Single and several choices, from lists, places, agencies or people. */
export function ChoiceInput(props: InputProps) {
  const { field, editing } = props
  const { language } = useWords()
  const catalog = useCatalog()
  const value = useValue(editing, field.name)
  const chosen = useMemo(() => new Set((Array.isArray(value) ? value : value === null || value === '' ? [] : [value]).map(String)), [value])
  const all = useMemo(() => choicesOf(catalog, field, language), [catalog, field, language])
  useConditions(props)
  const known = offered(field, all, editing.values, chosen)
  const missing = [...chosen].filter((id) => !known.some((choice) => choice.id === id))
  const choices = [...known, ...missing.map((id): Choice => ({ id, label: labelOf(catalog, field, id, language), disabled: true, tags: [] }))]
  const put = (ids: string[]) => editing.set(field.name, stored(field.multi_select === true, ids, value))
  if (field.multi_select === true) return choices.length <= FEW && sourceOf(field) === 'list' ? <Ticks {...props} choices={choices} chosen={chosen} put={put} /> : <Chosen {...props} choices={choices} chosen={chosen} put={put} />
  if (field.type === 'radio_button' && choices.length <= FEW) return <Radios {...props} choices={choices} chosen={chosen} put={put} />
  return choices.length > 40 ? <Chosen {...props} choices={choices} chosen={chosen} put={put} /> : <Select {...props} choices={choices} chosen={chosen} put={put} />
}

/** Radio fields may hold true and false themselves; what was a boolean stays one. */
function stored(several: boolean, ids: string[], before: unknown): unknown {
  if (several) return ids
  const [id] = ids
  if (id === undefined) return null
  return typeof before === 'boolean' ? id === 'true' : id
}

/** Renders again when a field changes that decides which options are offered. */
function useConditions({ field, editing }: InputProps): void {
  const listen = useCallback(
    (listener: () => void) => {
      const conditions = Object.values((field.option_strings_condition ?? {}) as object)
      const names = conditions.flatMap((tree) => {
        const expression = parsedCondition(tree)
        return expression === null ? [] : fieldsOf(expression)
      })
      const ends = names.map((name) => editing.listen(name, listener))
      return () => ends.forEach((end) => end())
    },
    [field, editing],
  )
  useSyncExternalStore(listen, () => (field.option_strings_condition == null ? null : editing.values))
}

interface ChoiceProps extends InputProps {
  choices: Choice[]
  chosen: ReadonlySet<string>
  put: (ids: string[]) => void
}

function Select({ field, id, described, invalid, readOnly, choices, chosen, put }: ChoiceProps) {
  const { t } = useWords()
  const [value = ''] = chosen
  return (
    <select id={id} className="input" value={value} disabled={readOnly} required={field.required === true} aria-invalid={invalid} aria-describedby={described} onChange={(event) => put(event.target.value === '' ? [] : [event.target.value])}>
      <option value="">{t('choose.none')}</option>
      {choices.map((choice) => <option key={choice.id} value={choice.id}>{choice.label}</option>)}
    </select>
  )
}

function Radios({ id, readOnly, choices, chosen, put }: ChoiceProps) {
  const { t } = useWords()
  return (
    <div>
      {choices.map((choice, at) => (
        <label key={choice.id} className="choice">
          <input id={at === 0 ? id : undefined} type="radio" name={id} checked={chosen.has(choice.id)} disabled={readOnly} onChange={() => put([choice.id])} />
          <bdi>{choice.label}</bdi>
        </label>
      ))}
      {chosen.size > 0 && !readOnly && <button type="button" className="button button-plain" onClick={() => put([])}>{t('choose.clear')}</button>}
    </div>
  )
}

function Ticks({ id, readOnly, choices, chosen, put }: ChoiceProps) {
  const toggle = (one: string) => put(chosen.has(one) ? [...chosen].filter((other) => other !== one) : [...chosen, one])
  return (
    <div>
      {choices.map((choice, at) => (
        <label key={choice.id} className="choice">
          <input id={at === 0 ? id : undefined} type="checkbox" checked={chosen.has(choice.id)} disabled={readOnly} onChange={() => toggle(choice.id)} />
          <bdi>{choice.label}</bdi>
        </label>
      ))}
    </div>
  )
}

/** What is chosen from a long list, and the way to it. */
function Chosen(props: ChoiceProps) {
  const { field, id, name, described, readOnly, choices, chosen, put } = props
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const labels = choices.filter((choice) => chosen.has(choice.id)).map((choice) => choice.label)
  return (
    <>
      <button type="button" id={id} className="input choose" disabled={readOnly} aria-haspopup="dialog" aria-describedby={described} aria-label={`${name}: ${labels.join(', ') || t('choose.none')}`} onClick={() => setOpen(true)}>
        <bdi>{labels.join(' · ') || t('choose.none')}</bdi> <Icon name="down" />
      </button>
      {open && <ChooseDialog title={name} choices={choices} chosen={chosen} several={field.multi_select === true} onChoose={put} onClose={() => setOpen(false)} />}
    </>
  )
}
