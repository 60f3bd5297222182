/** Inputs of the administration: label above, help under it, what the server refused at the field. */
import { type ReactNode, createContext, useContext, useId } from 'react'
import type { FieldFault } from '~/api/problem'
import type { Text } from '~/api/schemas'
import { LANGUAGES } from '~/i18n'
import { useAdminWords } from './words'

export const FaultsContext = createContext<FieldFault[]>([])

export function useFaultAt(pointer: string): string | null {
  return useContext(FaultsContext).find((fault) => fault.pointer === pointer)?.message ?? null
}

interface Common {
  label: string
  /** Where the server says that it is. */
  pointer: string
  help?: string | undefined
  wanted?: boolean
  disabled?: boolean
}

interface FrameProps extends Common {
  children: (id: string, described: string | undefined, invalid: boolean) => ReactNode
}

function Frame({ label, pointer, help, wanted = false, children }: FrameProps) {
  const { t } = useAdminWords()
  const id = useId()
  const fault = useFaultAt(pointer)
  const described = [help !== undefined && `${id}-help`, fault !== null && `${id}-fault`].filter(Boolean).join(' ') || undefined
  return (
    <div className="field" data-pointer={pointer}>
      <label htmlFor={id}>{label}{wanted && <span className="wanted"> ({t('field.required')})</span>}</label>
      {help !== undefined && <p className="help" id={`${id}-help`}>{help}</p>}
      {children(id, described, fault !== null)}
      {fault !== null && <p className="fault" id={`${id}-fault`}>{fault}</p>}
    </div>
  )
}

interface LineProps extends Common {
  value: string
  onChange: (value: string) => void
  type?: 'text' | 'email' | 'tel' | 'password' | 'number' | 'datetime-local'
  /** Codes and names of the system run left to right in every language. */
  code?: boolean
  rows?: number
}

export function Line({ value, onChange, type = 'text', code = false, rows, ...common }: LineProps) {
  const dir = code || type === 'email' || type === 'tel' || type === 'password' ? 'ltr' : 'auto'
  return (
    <Frame {...common}>
      {(id, described, invalid) => {
        const props = { id, className: 'input', dir, value, disabled: common.disabled, 'aria-invalid': invalid, 'aria-describedby': described, onChange: (event: { target: { value: string } }) => onChange(event.target.value) }
        return rows === undefined ? <input {...props} type={type} autoComplete={type === 'password' ? 'new-password' : 'off'} /> : <textarea {...props} rows={rows} />
      }}
    </Frame>
  )
}

export interface Pick {
  id: string
  name: string
}

interface OneProps extends Common {
  value: string
  onChange: (value: string) => void
  options: Pick[]
  /** What stands for none; without it, one has to be chosen. */
  none?: string
}

export function One({ value, onChange, options, none, ...common }: OneProps) {
  const missing = value !== '' && !options.some((one) => one.id === value)
  return (
    <Frame {...common}>
      {(id, described, invalid) => (
        <select id={id} className="input" value={value} disabled={common.disabled} aria-invalid={invalid} aria-describedby={described} onChange={(event) => onChange(event.target.value)}>
          {none !== undefined && <option value="">{none}</option>}
          {missing && <option value={value}>{value}</option>}
          {options.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </select>
      )}
    </Frame>
  )
}

export function Tick({ label, help, value, onChange, disabled = false }: { label: string; help?: string; value: boolean; onChange: (value: boolean) => void; disabled?: boolean }) {
  const id = useId()
  return (
    <label className="choice tick">
      <input type="checkbox" checked={value} disabled={disabled} aria-describedby={help === undefined ? undefined : id} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}{help !== undefined && <><br /><span className="small soft" id={id}>{help}</span></>}</span>
    </label>
  )
}

interface ManyProps extends Common {
  value: string[]
  onChange: (value: string[]) => void
  options: Pick[]
}

export function Many({ label, pointer, help, wanted = false, value, onChange, options }: ManyProps) {
  const { t } = useAdminWords()
  const id = useId()
  const fault = useFaultAt(pointer)
  const lost = value.filter((one) => !options.some((option) => option.id === one)).map((one) => ({ id: one, name: one }))
  return (
    <fieldset className="field" data-pointer={pointer} aria-describedby={fault === null ? undefined : `${id}-fault`}>
      <legend>{label}{wanted && <span className="wanted"> ({t('field.required')})</span>}</legend>
      {help !== undefined && <p className="help">{help}</p>}
      <div className="ticks">
        {[...options, ...lost].map((one) => (
          <label key={one.id} className="choice">
            <input type="checkbox" checked={value.includes(one.id)} onChange={(event) => onChange(event.target.checked ? [...value, one.id] : value.filter((other) => other !== one.id))} />
            <bdi>{one.name}</bdi>
          </label>
        ))}
      </div>
      {fault !== null && <p className="fault" id={`${id}-fault`}>{fault}</p>}
    </fieldset>
  )
}

interface TextsProps extends Common {
  value: Text | undefined
  onChange: (value: Text, language: string) => void
  rows?: number
}

/** A text in every language, side by side; English is what the others fall back to. */
export function Texts({ label, pointer, help, wanted = false, value = {}, onChange, rows, disabled }: TextsProps) {
  return (
    <fieldset className="field">
      <legend>{label}</legend>
      {help !== undefined && <p className="help">{help}</p>}
      <div className="tongues">
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <Tongue key={tag} tag={tag} name={name} of={label} pointer={`${pointer}/${tag}`} also={tag === 'en' ? pointer : null} wanted={wanted && tag === 'en'} value={value[tag] ?? ''} {...(rows !== undefined && { rows })} {...(disabled !== undefined && { disabled })} onChange={(text) => onChange({ ...value, [tag]: text }, tag)} />
        ))}
      </div>
    </fieldset>
  )
}

interface TongueProps {
  tag: string
  name: string
  of: string
  pointer: string
  also: string | null
  wanted: boolean
  value: string
  rows?: number
  disabled?: boolean
  onChange: (text: string) => void
}

function Tongue({ tag, name, of, pointer, also, wanted, value, rows, disabled, onChange }: TongueProps) {
  const { t } = useAdminWords()
  const id = useId()
  const own = useFaultAt(pointer)
  const general = useFaultAt(also ?? pointer)
  const fault = own ?? general
  const props = { id, className: 'input', lang: tag, dir: tag === 'ar' ? 'rtl' : 'ltr', value, disabled, 'aria-invalid': fault !== null, 'aria-describedby': fault === null ? undefined : `${id}-fault`, onChange: (event: { target: { value: string } }) => onChange(event.target.value) }
  return (
    <div className="field" data-pointer={pointer}>
      <label htmlFor={id} className="small"><span className="only-read">{of}: </span><span lang={tag}>{name}</span>{wanted && <span className="wanted"> ({t('field.required')})</span>}</label>
      {rows === undefined ? <input {...props} autoComplete="off" /> : <textarea {...props} rows={rows} />}
      {fault !== null && <p className="fault" id={`${id}-fault`}>{fault}</p>}
    </div>
  )
}
