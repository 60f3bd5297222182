import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { call } from '~/api/client'
import { useWords } from '~/i18n'
import { Editing } from '~/records/editing'
import { FieldInput } from '~/records/FieldInput'
import { useCatalog } from '~/records/useCatalog'
import { entriesOf, fieldName, inWords } from '~/records/values'
import { Failure } from '~/ui/Failure'
import { type Conflict, type ConflictSide, recordChanged } from '~/record-pages/queries'
import type { Kind } from '~/records/kinds'
import { knownInbox, putInbox, withEntry } from './inbox'

interface Props {
  kind: Kind
  id: string
  conflict: Conflict
  /** What else can be done with it. */
  children?: ReactNode
}

/** One field that two people changed: both values, who and when; one is taken, or a third is written. */
export function ConflictCard({ kind, id, conflict, children }: Props) {
  const words = useWords()
  const catalog = useCatalog()
  const cache = useQueryClient()
  const [error, setError] = useState<unknown>(null)
  const [command] = useState(() => crypto.randomUUID())
  const [combining, setCombining] = useState<Editing | null>(null)
  const field = catalog.field(kind.type, conflict.field)
  const name = fieldName(catalog, kind.type, conflict.field, words)

  const settle = async (value: unknown) => {
    try {
      const body = { data: { conflict_id: conflict.id, value } }
      await call(`/api/amparo/v1/${kind.place}/${id}/conflicts`, { method: 'PATCH', body, commandId: command })
      const others = knownInbox().entries.find((entry) => entry.recordId === id)?.conflicts ?? []
      await putInbox(withEntry(knownInbox(), { type: kind.type, recordId: id, conflicts: others.filter((one) => one.id !== conflict.id) }))
      recordChanged(cache, id)
    } catch (failure) {
      setError(failure)
    }
  }
  const said = (value: unknown) => {
    if (field === undefined) return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
    if (field.type === 'subform') return words.t('record.entries', { count: entriesOf(value).length })
    return inWords(catalog, field, value, words)
  }
  return (
    <section className="card stack" aria-label={words.t('conflict.title', { field: name })}>
      <div>
        <h2>{words.t('conflict.title', { field: name })}</h2>
        <p className="soft small">{words.t('conflict.help')}</p>
      </div>
      <div className="compare">
        <Side side={conflict.kept} said={said(conflict.kept.value)} label={words.t('conflict.kept')} onTake={() => void settle(conflict.kept.value)} />
        <Side side={conflict.proposed} said={said(conflict.proposed.value)} label={words.t('conflict.proposed')} onTake={() => void settle(conflict.proposed.value)} />
      </div>
      {(children !== undefined || (field !== undefined && field.type !== 'subform' && combining === null)) && (
        <div className="row">
          {field !== undefined && field.type !== 'subform' && combining === null && <button type="button" className="button button-plain" onClick={() => setCombining(new Editing({ [field.name]: combined(conflict) }, [field]))}>{words.t('conflict.combine')}</button>}
          {children}
        </div>
      )}
      {field !== undefined && combining !== null && (
        <form className="stack narrow" onSubmit={(event) => { event.preventDefault(); void settle(combining.get(field.name)) }}>
          <FieldInput field={field} editing={combining} prefix={`conflict-${conflict.id}`} />
          <div><button className="button button-main">{words.t('conflict.take_this')}</button></div>
        </form>
      )}
      {error !== null && <Failure error={error} />}
    </section>
  )
}

function Side({ side, said, label, onTake }: { side: ConflictSide; said: string; label: string; onTake: () => void }) {
  const { t, moment } = useWords()
  return (
    <div className="compare-side stack-tight">
      <p className="small soft">{label}</p>
      <p className="compare-value"><bdi>{said === '' ? t('value.none') : said}</bdi></p>
      <p className="tiny soft">{t('conflict.by', { name: side.user_name, at: moment(side.datetime) })}</p>
      <div><button type="button" className="button" onClick={onTake}>{t('conflict.take')}<span className="only-read">: {label}</span></button></div>
    </div>
  )
}

/** Two texts after each other, two choices together; of anything else the other value, to be changed. */
export function combined({ kept, proposed }: Pick<Conflict, 'kept' | 'proposed'>): unknown {
  const [one, other] = [kept.value, proposed.value]
  if (Array.isArray(one) && Array.isArray(other)) return [...new Set([...one, ...other])]
  if (typeof one === 'string' && typeof other === 'string' && /\s/.test(`${one}${other}`)) return one.includes(other) ? one : other.includes(one) ? other : `${one}\n${other}`
  return other ?? one
}
