import { useWords } from '~/i18n'
import { inLanguage } from '../catalog'
import type { InputProps } from '../FieldInput'
import { useValue } from '../useEditing'

export function TickInput({ field, editing, id, described, invalid, readOnly }: InputProps) {
  const { t, language } = useWords()
  const value = useValue(editing, field.name)
  return (
    <span className="choice">
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        disabled={readOnly}
        aria-invalid={invalid}
        aria-describedby={described}
        onChange={(event) => editing.set(field.name, event.target.checked)}
      />
      <span aria-hidden="true">{inLanguage(field.tick_box_label, language) || t('value.yes')}</span>
    </span>
  )
}
