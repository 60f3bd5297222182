import type { InputProps } from '../FieldInput'
import { useValue } from '../useEditing'

/** Texts keep their own direction; the browser keeps no memory of them. */
export function TextInput({ field, editing, id, described, invalid, readOnly }: InputProps) {
  const value = useValue(editing, field.name)
  const common = {
    id,
    className: 'input',
    value: typeof value === 'string' ? value : value === null ? '' : String(value),
    readOnly,
    required: field.required === true,
    autoComplete: 'off',
    'aria-invalid': invalid,
    'aria-describedby': described,
    onChange: (event: { target: { value: string } }) => editing.set(field.name, event.target.value === '' ? null : event.target.value),
  }
  if (field.type === 'textarea') return <textarea dir="auto" rows={4} {...common} />
  if (field.phone_number === true) return <input type="tel" dir="ltr" inputMode="tel" {...common} />
  return <input type={field.hidden_text_field === true ? 'password' : 'text'} dir="auto" {...common} />
}
