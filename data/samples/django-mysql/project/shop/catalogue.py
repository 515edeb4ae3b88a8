"""The catalogue: a JSON file of items, read into the database."""

from __future__ import unicode_literals

import io
import json
import os
from decimal import Decimal

from django.conf import settings

from shop.models import Item

CATALOGUE = os.path.join(settings.BASE_DIR, 'catalogue.json')


def read_catalogue(path=CATALOGUE):
    """The entries of a catalogue file, as a list of dicts."""
    with io.open(path, encoding='utf-8') as file:
        return json.load(file)


def import_items(entries):
    """Create or update an item for each entry; returns how many were new and how many were there."""
    new = known = 0
    for entry in entries:
        _, created = Item.objects.update_or_create(
            sku=entry['sku'],
            defaults={'name': entry['name'], 'price': Decimal(entry['price']), 'stock': entry['stock']},
        )
        if created:
            new += 1
        else:
            known += 1
    return new, known
