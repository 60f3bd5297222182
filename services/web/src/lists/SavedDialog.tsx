import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useWords } from '~/i18n'
import { useSession } from '~/session/session'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import type { SavedProps } from './SavedSearches'
import { dropSearch, filtersOf, saveSearch, savedQuery, searchOfSaved } from './saved'

export default function SavedDialog({ kind, search, onChange, onClose }: SavedProps & { onClose: () => void }) {
  const { t } = useWords()
  const { user } = useSession()
  const cache = useQueryClient()
  const saved = useQuery(savedQuery)
  const [name, setName] = useState('')
  const [error, setError] = useState<unknown>(null)
  const mine = (saved.data ?? []).filter((one) => one.record_type === kind.place)
  const change = async (write: () => Promise<unknown>) => {
    setError(null)
    try {
      await write()
      await cache.invalidateQueries({ queryKey: savedQuery.queryKey })
    } catch (failure) {
      setError(failure)
    }
  }
  const keep = (event: FormEvent) => {
    event.preventDefault()
    void change(() => saveSearch(kind, name.trim(), search, user.module_unique_ids)).then(() => setName(''))
  }
  return (
    <Dialog title={t('saved.title')} onClose={onClose}>
      {mine.length === 0 && !saved.isPending && <p className="soft">{t('saved.none')}</p>}
      <ul className="lines">
        {mine.map((one) => (
          <li key={one.id} className="row">
            <button type="button" className="task task-button grow" onClick={() => { onChange(searchOfSaved(one)); onClose() }}><bdi>{one.name}</bdi></button>
            <button type="button" className="button button-plain button-icon" aria-label={`${t('saved.drop')}: ${one.name}`} onClick={() => void change(() => dropSearch(one.id))}><Icon name="close" /></button>
          </li>
        ))}
      </ul>
      {filtersOf(search).length > 0 && (
        <form className="stack-tight" onSubmit={keep}>
          <label className="field">
            <span className="label">{t('saved.name')}</span>
            <input className="input" dir="auto" autoComplete="off" maxLength={100} required value={name} onChange={(event) => setName(event.target.value)} />
          </label>
          <p className="small soft">{t('saved.help')}</p>
          <div><button className="button button-main">{t('saved.keep')}</button></div>
        </form>
      )}
      {error !== null && <Failure error={error} />}
    </Dialog>
  )
}
