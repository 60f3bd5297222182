import { pinRecords } from '~/device/pins'
import { useCaseload } from '~/device/useCaseload'
import { useWords } from '~/i18n'
import type { Kind } from '~/records/kinds'
import { useToast } from '~/ui/Toasts'
import type { ListRow } from './queries'
import type { Selection } from './useSelection'

interface Props {
  kind: Kind
  rows: ListRow[]
  selection: Selection
}

/** What can be done with several records at once. */
export function SelectionBar({ kind, rows, selection }: Props) {
  const { t } = useWords()
  const say = useToast()
  const caseload = useCaseload()
  const { chosen } = selection
  if (chosen === null) {
    return rows.length === 0 ? null : <button type="button" className="button button-plain" onClick={() => selection.put([])}>{t('select.begin')}</button>
  }
  const keep = async () => {
    await pinRecords(kind.type, [...chosen])
    selection.end()
    const isHere = await caseload?.renew()
    say(t(isHere === true ? 'select.kept' : 'select.kept_later', { count: chosen.size }))
  }
  return (
    <div className="row selection" role="group" aria-label={t('select.begin')}>
      <span role="status" className="grow">{t('select.count', { count: chosen.size })}</span>
      <button type="button" className="button button-plain" onClick={() => selection.put(rows.map((row) => row.id))}>{t('select.all')}</button>
      <button type="button" className="button" disabled={chosen.size === 0} onClick={() => void keep()}>{t('select.keep')}</button>
      <button type="button" className="button" onClick={selection.end}>{t('filter.done')}</button>
    </div>
  )
}
