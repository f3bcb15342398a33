"""Components of the fabric.

Lives here: typed arguments and the component. A fabric registers its slice of the plan;
switch configuration comes with the switch driver. Must not live here: the other nouns."""
