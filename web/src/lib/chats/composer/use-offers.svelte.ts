import { createQuery } from '@tanstack/svelte-query';
import { configQuery, sessionQuery } from '#lib/accounts/queries.ts';
import { modelsQuery } from '#lib/models/queries.ts';
import type { ModelChoice } from '../actions.ts';
import { offersOf, type Offers } from './offers.ts';

/** What may go along with a question to these models; for a component as it is set up. */
export function useOffers(asked: () => ModelChoice[]): () => Offers {
  const models = createQuery(() => modelsQuery);
  const config = createQuery(() => configQuery);
  const session = createQuery(() => sessionQuery);
  const ids = $derived(asked().map(({ id }) => id));
  return () => offersOf(models.data ?? [], ids, config.data, session.data);
}
