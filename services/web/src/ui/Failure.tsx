import { Refused, Unreachable } from '~/api/problem'
import { useWords } from '~/i18n'

/** What happened, what is safe, and what to do. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useWords()
  return (
    <div className="note note-danger stack-tight" role="alert">
      <p>{t(sentenceOf(error))}</p>
      {retry !== undefined && (
        <div>
          <button type="button" className="button" onClick={retry}>{t('ui.try_again')}</button>
        </div>
      )}
    </div>
  )
}

function sentenceOf(error: unknown) {
  if (error instanceof Unreachable) return 'error.unreachable'
  if (!(error instanceof Refused)) return 'error.unknown'
  if (error.status === 403) return 'error.forbidden'
  if (error.status === 404) return 'error.not_found'
  if (error.status === 410) return 'error.erased'
  if (error.status === 429) return 'error.too_fast'
  return 'error.server'
}
