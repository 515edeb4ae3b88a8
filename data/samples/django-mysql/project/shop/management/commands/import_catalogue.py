from __future__ import unicode_literals

from django.core.management.base import BaseCommand

from shop.catalogue import CATALOGUE, import_items, read_catalogue


class Command(BaseCommand):
    help = 'Reads a catalogue file into the shop.'

    def add_arguments(self, parser):
        parser.add_argument('path', nargs='?', default=CATALOGUE)

    def handle(self, *args, **options):
        new, known = import_items(read_catalogue(options['path']))
        if options['verbosity']:
            self.stdout.write('{} items: {} new, {} updated'.format(new + known, new, known))
