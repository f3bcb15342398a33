from bloomery.provider.main import main
main()
