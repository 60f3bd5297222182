import { useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import { PageTitle } from './PageTitle'

/** A page that broke leaves the rest of the app standing. */
export function PageFailure({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useWords()
  return (
    <div className="page">
      <PageTitle title={t('page.failed')} />
      <Failure error={error} retry={reset} />
    </div>
  )
}
