import { useState } from 'react'
import { useWords } from '~/i18n'
import { Dialog } from '~/ui/Dialog'
import type { Choice } from '../options'

interface Props {
  title: string
  choices: Choice[]
  chosen: ReadonlySet<string>
  several: boolean
  onChoose: (ids: string[]) => void
  onClose: () => void
}

const SHOWN = 60
const folded = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** A long list to choose from, found by typing. */
export function ChooseDialog({ title, choices, chosen, several, onChoose, onClose }: Props) {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const wanted = folded(typed.trim())
  const found = choices.filter((choice) => wanted === '' || folded(choice.label).includes(wanted) || choice.id.toLowerCase() === wanted)
  const first = found.filter((choice) => chosen.has(choice.id))
  const shown = [...first, ...found.filter((choice) => !chosen.has(choice.id))].slice(0, SHOWN)
  const toggle = (id: string) => {
    if (several) return onChoose(chosen.has(id) ? [...chosen].filter((one) => one !== id) : [...chosen, id])
    onChoose(chosen.has(id) ? [] : [id])
    onClose()
  }
  const foot = (
    <>
      <button type="button" className="button" onClick={() => onChoose([])}>{t('choose.clear')}</button>
      <button type="button" className="button button-main" onClick={onClose}>{t('filter.done')}</button>
    </>
  )
  return (
    <Dialog title={title} onClose={onClose} foot={foot} phone="full">
      <input className="input" type="search" autoFocus autoComplete="off" dir="auto" aria-label={t('choose.search')} placeholder={t('choose.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <div role="group" aria-label={title}>
        {shown.map((choice) => (
          <label key={choice.id} className="choice">
            <input type={several ? 'checkbox' : 'radio'} name="choice" checked={chosen.has(choice.id)} onChange={() => toggle(choice.id)} />
            <bdi>{choice.label}</bdi>
          </label>
        ))}
      </div>
      {found.length > SHOWN && <p className="small soft">{t('choose.more', { count: found.length - SHOWN })}</p>}
      {found.length === 0 && <p className="soft">{t('choose.nothing')}</p>}
    </Dialog>
  )
}
