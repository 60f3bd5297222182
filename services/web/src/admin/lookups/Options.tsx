import { useRef } from 'react'
import { Line, Texts, Tick } from '../fields'
import { Moves } from '../Moves'
import { useAdminWords } from '../words'
import { put } from '../work'
import { type Value, keyOf } from './values'

interface Props {
  values: Value[]
  pointer: string
  onChange: (values: Value[], mark?: string) => void
}

/** Options in their order, each with its texts side by side. */
export function Options({ values, pointer, onChange }: Props) {
  const { t } = useAdminWords()
  const list = useRef<HTMLOListElement>(null)
  const change = (at: number, next: Value, mark: string) => onChange(values.map((one, place) => (place === at ? next : one)), `${at}/${mark}`)
  const add = () => {
    onChange([...values, { id: '', display_text: {}, disabled: false, isNew: true, rest: {} }])
    requestAnimationFrame(() => list.current?.lastElementChild?.querySelector<HTMLElement>('input')?.focus())
  }
  return (
    <section className="stack" aria-labelledby={`options${pointer}`}>
      <h2 id={`options${pointer}`}>{t('lookups.options')} ({values.length})</h2>
      <ol className="stack" ref={list}>
        {values.map((value, at) => (
          <li key={value.isNew ? `new${at}` : value.id} className="option-row">
            <div className="option-head">
              <Line label={t('lookups.key')} pointer={`${pointer}/${at}/id`} code disabled={!value.isNew} value={value.id} onChange={(id) => change(at, { ...value, id }, 'id')} />
              <Tick label={t('lookups.offered')} value={!value.disabled} onChange={(on) => change(at, { ...value, disabled: !on }, 'disabled')} />
              <Moves name={value.display_text.en || value.id} at={at} count={values.length} onMove={(to) => onChange(put(values, at, to))} onRemove={() => onChange(values.filter((_, place) => place !== at))} />
            </div>
            <Texts
              label={t('lookups.option_number', { count: at + 1 })}
              pointer={`${pointer}/${at}/display_text`}
              wanted
              value={value.display_text}
              onChange={(display_text, tag) => {
                const follows = value.isNew && tag === 'en' && value.id === keyOf(value.display_text.en ?? '')
                change(at, { ...value, display_text, ...(follows ? { id: keyOf(display_text.en ?? '') } : {}) }, `text/${tag}`)
              }}
            />
          </li>
        ))}
      </ol>
      <div><button type="button" className="button" onClick={add}>{t('lookups.add')}</button></div>
    </section>
  )
}
