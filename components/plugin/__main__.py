"""Run the provider: the engine runs this folder, so nothing else may live in it."""

from bloomery.provider.main import main

main()
