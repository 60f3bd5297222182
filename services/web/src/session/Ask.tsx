import { type FormEvent, useState } from 'react'

interface Props {
  label: string
  type: 'text' | 'password'
  action: string
  onGiven: (text: string) => Promise<void>
}

/** One secret that is asked for: a password that proves who is here, or a code. */
export function Ask({ label, type, action, onGiven }: Props) {
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void onGiven(text)
  }
  return (
    <form className="stack" onSubmit={submit}>
      <label className="field">
        <span className="label">{label}</span>
        <input className="input" dir="ltr" type={type} autoComplete={type === 'password' ? 'current-password' : 'one-time-code'} required value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <div><button className="button button-main">{action}</button></div>
    </form>
  )
}
