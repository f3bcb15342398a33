"""Components of the cooling: coolant loops.

Lives here: typed arguments and the component. A loop registers its slice of the plan;
what it drives comes with the coolant drivers. Must not live here: the other nouns."""
