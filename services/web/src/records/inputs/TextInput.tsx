import { type RefObject, useEffect, useRef } from 'react'
import type { InputProps } from '../FieldInput'
import type { Editing } from '../editing'

/**
 * Texts keep their own direction; the browser keeps no memory of them. The box holds what is typed
 * itself, so that a letter makes nothing render; what changes from elsewhere is put into it.
 */
export function TextInput({ field, editing, id, described, invalid, readOnly }: InputProps) {
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  useFollowing(box, editing, field.name)
  const common = {
    id,
    ref: box,
    className: 'input',
    defaultValue: textOf(editing.get(field.name)),
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

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value === null ? '' : String(value))

/** Puts a value into the box where it is another one than what stands there. */
function useFollowing(box: RefObject<HTMLInputElement | HTMLTextAreaElement | null>, editing: Editing, name: string): void {
  useEffect(() => {
    const follow = () => {
      const text = textOf(editing.get(name))
      if (box.current !== null && box.current.value !== text) box.current.value = text
    }
    follow()
    return editing.listen(name, follow)
  }, [box, editing, name])
}
