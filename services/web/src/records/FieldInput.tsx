import { memo } from 'react'
import type { Field } from '~/api/schemas'
import { useWords } from '~/i18n'
import { inLanguage } from './catalog'
import type { Editing } from './editing'
import { CalculatedInput, FileNotice, Separator } from './inputs/passive'
import { ChoiceInput } from './inputs/ChoiceInput'
import { DateInput } from './inputs/DateInput'
import { NumberInput } from './inputs/NumberInput'
import { TallyInput } from './inputs/TallyInput'
import { TextInput } from './inputs/TextInput'
import { TickInput } from './inputs/TickInput'
import { SubformInput } from './SubformInput'
import { useFault, useShown } from './useEditing'
import { FILE_KINDS } from './values'

export interface InputProps {
  field: Field
  editing: Editing
  id: string
  name: string
  /** Ids of what describes the input: help and fault. */
  described: string | undefined
  invalid: boolean
  readOnly: boolean
}

interface Props {
  field: Field
  editing: Editing
  prefix: string
  readOnly?: boolean
}

/** A field with its label, help and fault, mounted while skip logic shows it. */
export const FieldInput = memo(function FieldInput({ field, editing, prefix, readOnly = false }: Props) {
  return useShown(editing, field) ? <Shown field={field} editing={editing} prefix={prefix} readOnly={readOnly} /> : null
})

/** Kinds of several inputs: their label is a legend. */
const isGroup = (field: Field) => field.type === 'tally_field' || field.type === 'radio_button' || (field.type === 'select_box' && field.multi_select === true)

function Shown({ field, editing, prefix, readOnly }: Required<Props>) {
  const { t, language } = useWords()
  const fault = useFault(editing, field.name)
  const name = inLanguage(field.display_name, language)
  const id = `${prefix}-${field.name}`
  if (field.type === 'separator') return <Separator name={name} help={inLanguage(field.help_text, language)} />
  if (field.type === 'subform') return <SubformInput field={field} editing={editing} id={id} name={name} readOnly={readOnly} fault={fault} />
  if (FILE_KINDS.has(field.type)) return <FileNotice field={field} editing={editing} name={name} />
  if (field.type === 'custom') return null

  const help = inLanguage(field.help_text, language)
  const guide = inLanguage(field.guiding_questions, language)
  const described = [help !== '' && `${id}-help`, fault !== null && `${id}-fault`].filter(Boolean).join(' ') || undefined
  const props: InputProps = { field, editing, id, name, described, invalid: fault !== null, readOnly: readOnly || field.disabled === true }
  const label = <>{name}{field.required === true && <span className="wanted"> ({t('field.required')})</span>}</>
  const Frame = isGroup(field) ? 'fieldset' : 'div'
  return (
    <Frame className="field" id={`${id}-field`} {...(isGroup(field) && { 'aria-describedby': described })}>
      {isGroup(field) ? <legend>{label}</legend> : <label htmlFor={id}>{label}</label>}
      {help !== '' && <p className="help" id={`${id}-help`}>{help}</p>}
      <Input {...props} />
      {guide !== '' && <details className="small"><summary>{t('field.guide')}</summary><p className="soft">{guide}</p></details>}
      {fault !== null && <p className="fault" id={`${id}-fault`}>{fault}</p>}
    </Frame>
  )
}

function Input(props: InputProps) {
  switch (props.field.type) {
    case 'select_box':
    case 'radio_button': return <ChoiceInput {...props} />
    case 'numeric_field': return <NumberInput {...props} />
    case 'date_field':
    case 'date_range': return <DateInput {...props} />
    case 'tick_box': return <TickInput {...props} />
    case 'tally_field': return <TallyInput {...props} />
    case 'calculated': return <CalculatedInput {...props} />
    default: return <TextInput {...props} />
  }
}
