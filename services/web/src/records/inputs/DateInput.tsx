import type { InputProps } from '../FieldInput'
import { fromLocalInput, toLocalInput, today } from '../moments'
import { useValue } from '../useEditing'

/** The device's own picker, which people know. */
export function DateInput({ field, editing, id, described, invalid, readOnly }: InputProps) {
  const value = useValue(editing, field.name)
  const text = typeof value === 'string' ? value : ''
  const withTime = field.date_include_time === true
  const latest = field.date_validation === 'not_future_date' ? (withTime ? `${today()}T23:59` : today()) : undefined
  return (
    <input
      id={id}
      className="input"
      type={withTime ? 'datetime-local' : 'date'}
      min={withTime ? '1800-01-01T00:00' : '1800-01-01'}
      max={latest ?? (withTime ? '9999-12-31T23:59' : '9999-12-31')}
      readOnly={readOnly}
      required={field.required === true}
      autoComplete="off"
      aria-invalid={invalid}
      aria-describedby={described}
      value={withTime ? toLocalInput(text) : text.slice(0, 10)}
      onChange={(event) => {
        const typed = event.target.value
        editing.set(field.name, typed === '' ? null : withTime ? fromLocalInput(typed) : typed)
      }}
    />
  )
}
