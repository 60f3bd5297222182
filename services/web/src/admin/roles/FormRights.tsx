import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { inLanguage } from '~/records/catalog'
import { allFormsQuery } from '../api'
import { useAdminWords } from '../words'
import { typeName } from './names'

interface Props {
  value: Record<string, string>
  before: Record<string, string>
  modules: string[]
  onChange: (value: Record<string, string>) => void
}

/** Which forms a role reads and writes. Subforms follow the form that they stand on. */
export function FormRights({ value, before, modules, onChange }: Props) {
  const words = useAdminWords()
  const { t, language } = words
  const forms = useQuery(allFormsQuery)
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const own = (forms.data ?? []).filter((form) => form.is_nested !== true && (form.module_ids ?? []).some((one) => modules.includes(one)))
  const shown = own.filter((form) => wanted === '' || inLanguage(form.name, language).toLowerCase().includes(wanted) || form.unique_id.includes(wanted))
  const put = (ids: string[], right: string) => {
    const next = { ...value }
    for (const id of ids) {
      if (right === '') delete next[id]
      else next[id] = right
    }
    onChange(next)
  }
  const rights = [['', t('roles.form_none')], ['r', t('roles.form_read')], ['rw', t('roles.form_write')]] as const
  return (
    <section className="card stack" aria-labelledby="form-rights">
      <h2 id="form-rights">{t('roles.permitted_forms')}</h2>
      {modules.length === 0 && <p className="soft">{t('roles.no_module')}</p>}
      {modules.length > 0 && (
        <div className="option-head">
          <input className="input grow" type="search" dir="auto" autoComplete="off" aria-label={t('forms.search')} placeholder={t('forms.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
          {rights.map(([right, name]) => <button key={right} type="button" className="button" onClick={() => put(shown.map((one) => one.unique_id), right)}>{t('roles.set_all', { right: name })}</button>)}
        </div>
      )}
      <div className="table-frame" tabIndex={0} role="region" aria-label={t('roles.permitted_forms')}>
        <table className="table">
          <thead><tr><th>{t('forms.form')}</th><th>{t('forms.type')}</th><th>{t('roles.right')}</th></tr></thead>
          <tbody>
            {shown.map((form) => {
              const right = value[form.unique_id] ?? ''
              const name = inLanguage(form.name, language)
              return (
                <tr key={form.unique_id}>
                  <td><bdi>{name}</bdi>{right !== (before[form.unique_id] ?? '') && <> <span className="mark mark-warning">{t('admin.changed')}</span></>}</td>
                  <td>{typeName(words, form.parent_form)}</td>
                  <td>
                    <select className="input" aria-label={`${t('roles.right')}: ${name}`} value={right} onChange={(event) => put([form.unique_id], event.target.value)}>
                      {rights.map(([id, label]) => <option key={id} value={id}>{label}</option>)}
                    </select>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}
