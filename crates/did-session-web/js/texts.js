// Texts that callers give, and lists of them: what every option is made of.

import { isWellFormed } from './account.js'
import { failure, reading } from './host.js'

export const invalid = (option, problem) =>
  failure('invalid_option', `the option ${option} ${problem}`)

/** What is not known is refused by name: an option that is misspelt would be none. */
export const onlyKnown = (members, known) => {
  for (const name of Object.keys(members)) {
    if (!known.includes(name)) throw invalid(name, `is not known; known are ${known.join(', ')}`)
  }
  return members
}

/** As many as a capability can have. */
const MAX_TEXTS = 4096

export const text = (name, value) => {
  if (typeof value !== 'string') throw invalid(name, 'must be a text')
  if (!isWellFormed(value)) throw invalid(name, 'must be well-formed Unicode')
  return value
}

export const texts = (name, value, problem = 'must be a list of texts') => {
  return reading(`the option ${name}`, () => {
    if (!Array.isArray(value)) throw invalid(name, problem)
    const { length } = value
    if (!(length <= MAX_TEXTS)) throw invalid(name, `must have at most ${MAX_TEXTS} texts`)
    // read by place, and once: an iterator of the caller's has no say
    return Array.from({ length }, (_, place) => {
      const one = value[place]
      if (typeof one !== 'string') throw invalid(name, problem)
      return text(name, one)
    })
  })
}
