import { m } from '#lib/paraglide/messages.js';

/** Why an answer is good or not; the values are those of the contract's other client. */
export function reasons(rating: 1 | -1): { value: string; label: string }[] {
  if (rating === 1) {
    return [
      { value: 'accurate_information', label: m.rating_accurate() },
      { value: 'followed_instructions_perfectly', label: m.rating_followed() },
      { value: 'showcased_creativity', label: m.rating_creative() },
      { value: 'positive_attitude', label: m.rating_kind() },
      { value: 'attention_to_detail', label: m.rating_detailed() },
      { value: 'thorough_explanation', label: m.rating_thorough() },
      { value: 'other', label: m.rating_other() },
    ];
  }
  return [
    { value: 'dont_like_the_style', label: m.rating_style() },
    { value: 'too_verbose', label: m.rating_verbose() },
    { value: 'not_helpful', label: m.rating_unhelpful() },
    { value: 'not_factually_correct', label: m.rating_wrong() },
    { value: 'didnt_fully_follow_instructions', label: m.rating_ignored() },
    { value: 'refused_when_it_shouldnt_have', label: m.rating_refused() },
    { value: 'being_lazy', label: m.rating_lazy() },
    { value: 'other', label: m.rating_other() },
  ];
}
