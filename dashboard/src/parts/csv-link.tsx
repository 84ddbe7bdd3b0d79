import { useState } from 'preact/hooks'
import { headersOf } from '../api/session.ts'
import { usePage } from '../page.ts'
import { Icon } from './icon.tsx'

/** A link to a table of the API's own; where a token is needed, which a link cannot show, it is fetched and then saved. */
export function CsvLink({ question }: { readonly question: string }) {
  const { session } = usePage()
  const [problem, setProblem] = useState<string>()
  const save = async () => {
    try {
      const response = await fetch(question, { headers: headersOf(session, 'text/csv') })
      if (!response.ok) throw new Error(`the service answered with status ${response.status}`)
      const url = URL.createObjectURL(await response.blob())
      const link = document.createElement('a')
      link.href = url
      link.download = fileName
      link.click()
      URL.revokeObjectURL(url)
      setProblem(undefined)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <>
      <a
        class="button"
        href={question}
        download={fileName}
        onClick={(event) => {
          if (session.token.peek() === undefined) return
          event.preventDefault()
          void save()
        }}
      >
        <Icon name="download" />
        CSV
      </a>
      {problem !== undefined && <span role="alert">Not saved: {problem}</span>}
    </>
  )
}

const fileName = 'co2-api-emissions.csv'
