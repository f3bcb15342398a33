"""Driver and firmware are pinned by a tested release, none below the floor."""
