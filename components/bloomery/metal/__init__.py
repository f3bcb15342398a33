"""Components of the metal: node pools.

Lives here: typed arguments and the component that registers its nodes. Must not live
here: drivers, the provider, and the other nouns."""
