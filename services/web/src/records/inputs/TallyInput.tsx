import { useWords } from '~/i18n'
import { inLanguage } from '../catalog'
import type { InputProps } from '../FieldInput'
import { useValue } from '../useEditing'
import { readNumber } from './NumberInput'

type Counts = Record<string, number | null>

/** Counts by kind and their sum, which follows by itself. */
export function TallyInput({ field, editing, id, invalid, readOnly }: InputProps) {
  const { t, language } = useWords()
  const counts = (useValue(editing, field.name) ?? {}) as Counts
  const kinds = field.tally ?? []
  const sums = field.autosum_total !== false
  const put = (key: string, text: string) => {
    const count = readNumber(text)
    if (count === undefined) return
    const next: Counts = { ...counts, [key]: count }
    if (sums) next.total = total(kinds.map((kind) => next[kind.id]))
    editing.set(field.name, next)
  }
  return (
    <div className="tally">
      {kinds.map((kind, at) => (
        <label key={kind.id} className="field">
          <span className="small">{inLanguage(kind.display_text, language)}</span>
          <input id={at === 0 ? id : undefined} className="input number" inputMode="numeric" autoComplete="off" readOnly={readOnly} aria-invalid={invalid} value={counts[kind.id] ?? ''} onChange={(event) => put(kind.id, event.target.value)} />
        </label>
      ))}
      <label className="field">
        <span className="small">{t('value.total')}</span>
        <input className="input number" inputMode="numeric" autoComplete="off" readOnly={readOnly || sums} value={counts.total ?? ''} onChange={(event) => put('total', event.target.value)} />
      </label>
    </div>
  )
}

function total(counts: (number | null | undefined)[]): number | null {
  const filled = counts.filter((count) => typeof count === 'number')
  return filled.length === 0 ? null : filled.reduce((sum, count) => sum + count, 0)
}
