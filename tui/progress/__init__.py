"""How far a learner has come with each lesson: kept in the state directory, merged where two sessions write at once."""
