import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { AdminWordsContext, adminWords, loadAdminTexts } from './words'
import '~/record-pages/record.css'
import './admin.css'

/** Pages of the administration are mounted with their texts at hand. */
export default function AdminFrame() {
  const words = useWords()
  const texts = useQuery({ queryKey: ['admin-texts', words.language], staleTime: Number.POSITIVE_INFINITY, queryFn: () => loadAdminTexts(words.language) })
  const value = useMemo(() => (texts.data === undefined ? null : adminWords(words, texts.data)), [words, texts.data])
  if (value !== null) return <AdminWordsContext value={value}><Outlet /></AdminWordsContext>
  return <div className="page">{texts.error === null ? <Skeleton lines={8} /> : <Failure error={texts.error} retry={() => void texts.refetch()} />}</div>
}
