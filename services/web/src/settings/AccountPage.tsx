import { useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { DevicesCard } from '~/device/DevicesCard'
import { LANGUAGES, useWords } from '~/i18n'
import { useChooseLanguage } from '~/i18n/WordsProvider'
import { useSession } from '~/session/session'
import { type Theme, applyTheme, theme } from '~/ui/theme'
import { ContactCard } from './ContactCard'
import { PinCard } from '~/session/PinCard'
import { SecondFactor } from '~/session/SecondFactor'

/** Who one is, in which language, and how one proves it. */
export default function AccountPage() {
  const { t, language } = useWords()
  const { user, lock, leave } = useSession()
  const choose = useChooseLanguage()
  const [look, setLook] = useState<Theme>(theme)
  return (
    <div className="page">
      <PageTitle title={t('settings.account')} />
      <section className="card stack narrow">
        <dl className="stack-tight">
          <div><dt className="small soft">{t('account.name')}</dt><dd><bdi>{user.full_name ?? user.user_name}</bdi></dd></div>
          <div><dt className="small soft">{t('session.user_name')}</dt><dd><bdi>{user.user_name}</bdi></dd></div>
        </dl>
        <label className="field">
          <span className="label">{t('session.language')}</span>
          <select className="input" value={language} onChange={(event) => choose(event.target.value)}>
            {Object.entries(LANGUAGES).map(([tag, name]) => <option key={tag} value={tag} lang={tag}>{name}</option>)}
          </select>
        </label>
        <label className="field">
          <span className="label">{t('account.theme')}</span>
          <select className="input" value={look} onChange={(event) => { const next = event.target.value as Theme; setLook(next); applyTheme(next) }}>
            <option value="device">{t('account.theme_device')}</option>
            <option value="light">{t('account.theme_light')}</option>
            <option value="dark">{t('account.theme_dark')}</option>
          </select>
        </label>
      </section>
      <PinCard />
      <SecondFactor />
      <DevicesCard path="/api/amparo/v1/devices" help={t('devices.help')} />
      <ContactCard />
      <section className="card stack narrow">
        <p className="soft">{t('account.leave_help')}</p>
        <p className="row">
          <button type="button" className="button" onClick={lock}>{t('session.lock')}</button>
          <button type="button" className="button button-danger" onClick={() => void leave()}>{t('session.sign_out')}</button>
        </p>
      </section>
    </div>
  )
}
