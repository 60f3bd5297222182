import { useState } from 'react'
import type { InputProps } from '../FieldInput'
import { useValue } from '../useEditing'

/** Digits of any script become a number; what is no number yet stays as it was typed. */
export function NumberInput({ field, editing, id, described, invalid, readOnly }: InputProps) {
  const value = useValue(editing, field.name)
  const [typed, setTyped] = useState<string | null>(null)
  const shown = typed !== null && readNumber(typed) === value ? typed : value === null ? '' : String(value)
  return (
    <input
      id={id}
      className="input number"
      inputMode="numeric"
      autoComplete="off"
      readOnly={readOnly || field.autosum_total === true}
      required={field.required === true}
      aria-invalid={invalid}
      aria-describedby={described}
      value={shown}
      onChange={(event) => {
        const text = event.target.value
        const number = readNumber(text)
        if (number === undefined) return
        setTyped(text)
        editing.set(field.name, number)
      }}
      onBlur={() => setTyped(null)}
    />
  )
}

const ZEROS = [0x0660, 0x06f0, 0x0966, 0x1040]

/** The number a text says; null when it is empty, nothing when it is no number. */
export function readNumber(text: string): number | null | undefined {
  const latin = text.trim().replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0
    const zero = ZEROS.find((one) => code >= one && code <= one + 9)
    return zero === undefined ? digit : String(code - zero)
  })
  if (latin === '' || latin === '-') return null
  return /^-?\d{1,15}$/.test(latin) ? Number(latin) : undefined
}
