import { useWords } from '~/i18n'

export function MoreButton({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const { t } = useWords()
  return <div><button type="button" className="button" aria-disabled={busy} onClick={onMore}>{t(busy ? 'ui.one_moment' : 'list.more')}</button></div>
}
