/** Fields that are looked at while others are filled in. */
import type { Field } from '~/api/schemas'
import { useWords } from '~/i18n'
import type { Editing } from '../editing'
import type { InputProps } from '../FieldInput'
import { useCatalog } from '../useCatalog'
import { useValue } from '../useEditing'
import { inWords } from '../values'

export function Separator({ name, help }: { name: string; help: string }) {
  return (
    <div className="separator">
      <h3>{name}</h3>
      {help !== '' && <p className="soft small">{help}</p>}
    </div>
  )
}

/** Follows from other fields as one types. */
export function CalculatedInput({ field, editing, id, described }: InputProps) {
  const words = useWords()
  const catalog = useCatalog()
  const value = useValue(editing, field.name)
  return <output id={id} className="input number" aria-describedby={described}>{inWords(catalog, field, value, words) || '–'}</output>
}

/** Files go on their own way, which the server does not offer yet. */
export function FileNotice({ field, editing, name }: { field: Field; editing: Editing; name: string }) {
  const { t } = useWords()
  const value = useValue(editing, field.name)
  const count = Array.isArray(value) ? value.length : value === null ? 0 : 1
  return (
    <div className="field">
      <p className="label">{name}</p>
      <p className="note small">{count === 0 ? t('field.files_later') : t('value.files', { count })}</p>
    </div>
  )
}
