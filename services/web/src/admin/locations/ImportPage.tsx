import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { Refusal } from '../WorkFrame'
import { useAdminWords } from '../words'
import { type Row, outcome, readSheet } from './hxl'
import { placesQuery } from './queries'

interface Report {
  total: number
  success_total: number
  failure_total: number
  failures: { row: number; column: string; code: string }[]
}

const SHOWN = 50

/** A table of places: what it would do is shown before it is sent. */
export default function ImportPage() {
  const { t } = useAdminWords()
  const cache = useQueryClient()
  const places = useQuery(placesQuery)
  const [file, setFile] = useState<{ name: string; text: string } | null>(null)
  const [busy, setBusy] = useState(false)
  const [report, setReport] = useState<Report | null>(null)
  const [error, setError] = useState<unknown>(null)
  const known = useMemo(() => new Map((places.data ?? []).map((one) => [one.code, one.hierarchy])), [places.data])
  const sheet = useMemo(() => (file === null ? null : readSheet(file.text, known)), [file, known])
  const take = async (chosen: File | undefined) => {
    setReport(null)
    setError(null)
    setFile(chosen === undefined ? null : { name: chosen.name, text: await chosen.text() })
  }
  const run = async () => {
    if (file === null || busy) return
    setBusy(true)
    setError(null)
    try {
      setReport(await importTable(file.name, file.text))
      setFile(null)
      await cache.invalidateQueries({ queryKey: ['admin', 'places'] })
      await cache.invalidateQueries({ queryKey: ['config', 'places'] })
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const sum = sheet === null ? null : outcome(sheet, known)
  return (
    <div className="page">
      <PageTitle title={t('locations.import')} />
      <section className="card stack">
        <p>{t('locations.import_help')}</p>
        <pre className="sample" dir="ltr" tabIndex={0} role="region" aria-label={t('locations.example')}>{'#country+code,#country+name+en,#adm1+code,#adm1+name+en,#adm1+name+ar,#adm1+type\nAM,Amaria,AM01,North,الشمال,province'}</pre>
        {places.error !== null && <Failure error={places.error} retry={() => void places.refetch()} />}
        {places.data === undefined ? <Skeleton lines={1} height={44} /> : (
          <label className="field">
            <span className="label">{t('locations.file')}</span>
            <input className="input" type="file" accept=".csv,text/csv" onChange={(event) => void take(event.target.files?.[0])} />
          </label>
        )}
      </section>
      {file !== null && sheet === null && <p className="note note-danger" role="alert">{t('locations.no_tags', { name: file.name })}</p>}
      {sheet !== null && sum !== null && (
        <section className="card stack" aria-labelledby="preview">
          <h2 id="preview">{t('locations.preview')}</h2>
          <p role="status">{t('locations.outcome', { rows: sheet.rows.length, added: sum.added.length, touched: sum.touched, faults: sum.faults })}</p>
          <Rows rows={sheet.rows} known={known} />
          <div className="row">
            <button type="button" className="button button-main" aria-disabled={busy || sum.faults === sheet.rows.length} onClick={() => void run()}>{busy ? t('ui.one_moment') : t(sum.faults > 0 ? 'locations.import_rest' : 'locations.import_now')}</button>
          </div>
        </section>
      )}
      {error !== null && <Refusal error={error} />}
      {report !== null && <Outcome report={report} />}
    </div>
  )
}

/** The server answers 422 with a report when lines were left out; that is no failure of the call. */
async function importTable(file_name: string, text: string): Promise<Report> {
  const bytes = new TextEncoder().encode(text)
  const letters = Array.from(bytes, (byte) => String.fromCodePoint(byte)).join('')
  const { data } = await call<Report | { errors: [] }>('/api/v2/locations/import', { method: 'POST', body: { data: { file_name, data_base64: btoa(letters) } }, commandId: crypto.randomUUID(), answersAlso: 422, patience: 120_000 })
  if ('errors' in data) throw new Refused(422, data.errors, null)
  return data
}

function Rows({ rows, known }: { rows: Row[]; known: ReadonlyMap<string, unknown> }) {
  const { t } = useAdminWords()
  const faulty = rows.filter((one) => one.fault !== null)
  const shown = [...faulty, ...rows.filter((one) => one.fault === null)].slice(0, SHOWN)
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={t('locations.preview')}>
      <table className="table">
        <thead><tr><th>{t('locations.line')}</th><th>{t('locations.one')}</th><th>{t('locations.result')}</th></tr></thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.line}>
              <td>{row.line}</td>
              <td>{row.path.map((one) => one.names.en ?? one.code).join(' › ')} <span className="small soft" dir="ltr">{row.path.at(-1)?.code}</span></td>
              <td>{row.fault === null ? <span className="mark mark-success">{t(row.path.every((one) => known.has(one.code)) ? 'locations.known' : 'locations.added')}</span> : <RowFault {...row.fault} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function RowFault({ column, code }: { column: string; code: string }) {
  const { t, knows } = useAdminWords()
  const key = `row_fault.${code}`
  return <span><span className="mark mark-danger">{t('locations.left_out')}</span> <span dir="ltr">{column}</span>: {knows(key) ? t(key) : code}</span>
}

function Outcome({ report }: { report: Report }) {
  const { t } = useAdminWords()
  return (
    <section className={report.failure_total === 0 ? 'note note-success stack-tight' : 'note note-warning stack-tight'} role="status">
      <p>{t('locations.report', { done: report.success_total, total: report.total })}</p>
      {report.failures.length > 0 && <ul>{report.failures.map((one) => <li key={`${one.row}/${one.column}`}>{t('locations.line')} {one.row}: <RowFault column={one.column} code={one.code} /></li>)}</ul>}
      <p><Link to="/settings/locations">{t('locations.title')}</Link></p>
    </section>
  )
}
