import { useState } from 'preact/hooks'
import { usePage } from '../page.ts'

/** The service wants to know who asks. */
export function TokenForm({ refusal }: { readonly refusal: string }) {
  const { session } = usePage()
  const [token, setToken] = useState('')
  const hadOne = session.token.value !== undefined
  return (
    <form
      class="card token"
      onSubmit={(event) => {
        event.preventDefault()
        if (token.trim() !== '') session.keep(token.trim())
      }}
    >
      <h2>{hadOne ? 'This token is not accepted' : 'A token is needed'}</h2>
      <p role="alert">The service says: {refusal}.</p>
      <label>
        Token
        <input
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <p class="panel-hint">It is kept for this tab alone, until it is closed.</p>
      <button type="submit" class="primary">
        Show the figures
      </button>
    </form>
  )
}
