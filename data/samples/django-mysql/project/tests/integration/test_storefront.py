# -*- coding: utf-8 -*-
from __future__ import unicode_literals

import json

from django.test import TestCase

from shop.catalogue import import_items

SHELF = [
    {'sku': 'MUG-01', 'name': 'Blue mug', 'price': '8.00', 'stock': 6},
    {'sku': 'MUG-02', 'name': 'Café mug', 'price': '8.50', 'stock': 1},
    {'sku': 'POT-01', 'name': 'Teapot', 'price': '21.00', 'stock': 4},
]


class StorefrontTest(TestCase):
    def items(self, words=''):
        answer = self.client.get('/items/', {'q': words})
        self.assertEqual(answer.status_code, 200)
        return [item['sku'] for item in json.loads(answer.content.decode('utf-8'))['items']]

    def test_a_new_shop_has_empty_shelves(self):
        self.assertEqual(len(self.items()), 0)

    def test_the_shelf_is_listed_in_order(self):
        import_items(SHELF)
        self.assertEqual(self.items('mug') + self.items('pot'), ['MUG-01', 'MUG-02', 'POT-01'])

    def test_search_finds_part_of_a_name(self):
        import_items(SHELF)
        self.assertEqual(self.items('Café'), ['MUG-02'])

    def test_search_for_nothing_we_have_finds_nothing(self):
        import_items(SHELF)
        self.assertEqual(self.items('samovar'), [])

    def test_importing_twice_adds_nothing(self):
        self.assertEqual(import_items(SHELF), (3, 0))
        self.assertEqual(import_items(SHELF), (0, 3))
