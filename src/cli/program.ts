import { Command, CommanderError } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { addBackfillCommand } from './backfill-command.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addReportCommand } from './report-command.ts'
import { CommandError, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

/**
 * Runs one command, such as `report --zones DE,FR`, and says how it ended. What a person can mend is said in one line;
 * a mistake of ours throws. `serve` starts the service and returns once that is done.
 */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
  serve: () => Promise<void>,
): Promise<ExitCode> {
  let ending: ExitCode = exitCodes.ok
  const program = new Command('co2-api')
    .description('Grams of CO2e of every Kubernetes container: report, backfill, diagnose and serve.')
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({
      writeOut: terminal.write,
      writeErr: terminal.say,
      outputError: (text, write) =>
        write(
          `co2-api: ${text
            .replace(/^error: /, '')
            .trim()
            .replaceAll('\n', ' ')}\n`,
        ),
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 the command line does not hold, 130 stopped with Ctrl-C.\nThe settings of the service, in the environment, hold for backfill and doctor too: docs/configuration.md.',
    )
  addReportCommand(program, terminal)
  const endWith = (code: ExitCode) => {
    ending = code
  }
  addBackfillCommand(program, terminal, endWith)
  addDoctorCommand(program, terminal, endWith)
  program
    .command('serve')
    .description('start the service, as npm start does; its settings are environment variables')
    .action(serve)
  try {
    await program.parseAsync(words, { from: 'user' })
    return ending
  } catch (failure) {
    if (failure instanceof CommanderError) return failure.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (terminal.signal.aborted && !(failure instanceof CommandError)) return exitCodes.stopped
    if (!(failure instanceof CommandError)) throw failure
    for (const line of failure.message.split('\n')) terminal.say(`co2-api ${words[0] ?? ''}: ${line}\n`)
    return failure.exitCode
  }
}
