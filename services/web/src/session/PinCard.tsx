import { type FormEvent, useEffect, useState } from 'react'
import { PIN_TRIES, faultOfPin, hasPin, normal, removePin, setPin } from '~/device/pin'
import { useWords } from '~/i18n'
import { useToast } from '~/ui/Toasts'

/** A short PIN for this device, beside the password. */
export function PinCard() {
  const { t } = useWords()
  const say = useToast()
  const [has, setHas] = useState<boolean | null>(null)
  const [setting, setSetting] = useState(false)
  useEffect(() => void hasPin().then(setHas), [])
  if (has === null) return null
  const remove = () => removePin().then(() => { setHas(false); say(t('pin.removed')) })
  return (
    <section className="card stack narrow" aria-labelledby="pin">
      <h2 id="pin">{t('pin.title')}</h2>
      <p className="soft">{t(has ? 'pin.on' : 'pin.off')}</p>
      {setting && <PinForm onDone={() => { setSetting(false); setHas(true); say(t('pin.done')) }} onCancel={() => setSetting(false)} />}
      {!setting && (
        <p className="row">
          <button type="button" className="button" onClick={() => setSetting(true)}>{t(has ? 'pin.change' : 'pin.set')}</button>
          {has && <button type="button" className="button button-danger" onClick={() => void remove()}>{t('pin.remove')}</button>}
        </p>
      )}
    </section>
  )
}

type Fault = 'short' | 'simple' | 'differs' | 'password'

function PinForm({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const { t } = useWords()
  const [password, setPassword] = useState('')
  const [pin, setNew] = useState('')
  const [again, setAgain] = useState('')
  const [fault, setFault] = useState<Fault | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const found = faultOfPin(pin) ?? (normal(pin) === normal(again) ? null : 'differs')
    if (found !== null) return setFault(found)
    setBusy(true)
    const isSet = await setPin(password, pin).finally(() => setBusy(false))
    if (isSet) onDone()
    else setFault('password')
  }
  const field = (label: string, value: string, put: (value: string) => void, isPin: boolean) => (
    <label className="field">
      <span className="label">{label}</span>
      <input className={isPin ? 'input number' : 'input'} dir="ltr" type="password" required autoComplete={isPin ? 'off' : 'current-password'} {...(isPin && { inputMode: 'numeric' })} value={value} onChange={(event) => put(event.target.value)} />
    </label>
  )
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p className="small soft">{t('pin.help', { count: PIN_TRIES })}</p>
      {field(t('session.password'), password, setPassword, false)}
      {field(t('pin.new'), pin, setNew, true)}
      {field(t('pin.again'), again, setAgain, true)}
      {fault !== null && <p className="note note-danger" role="alert">{t(`pin.fault.${fault}`)}</p>}
      <p className="row">
        <button type="button" className="button" onClick={onCancel}>{t('ui.cancel')}</button>
        <button className="button button-main" aria-disabled={busy}>{t(busy ? 'ui.one_moment' : 'pin.set')}</button>
      </p>
    </form>
  )
}
