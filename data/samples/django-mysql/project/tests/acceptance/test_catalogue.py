# -*- coding: utf-8 -*-
from __future__ import unicode_literals

import json

from django.core.management import call_command
from django.test import TestCase

from shop.catalogue import import_items, read_catalogue
from shop.models import Customer, Item
from shop.orders import place_order


class CatalogueTest(TestCase):
    """Every item we sell goes in, comes out as it went in, and can be found and ordered by its name."""

    def sell(self, sku, words):
        import_items(entry for entry in read_catalogue() if entry['sku'] == sku)
        answer = json.loads(self.client.get('/items/', {'q': words}).content.decode('utf-8'))
        self.assertEqual([item['sku'] for item in answer['items']], [sku])
        self.assertIn(words, Item.objects.get(sku=sku).name)

    def test_the_whole_catalogue_is_imported(self):
        call_command('import_catalogue', verbosity=0)
        for entry in read_catalogue():
            self.assertEqual(Item.objects.get(sku=entry['sku']).name, entry['name'])

    def test_sells_english_tea(self):
        self.sell('TEA-IE', 'breakfast')

    def test_sells_french_tea(self):
        self.sell('TEA-FR', 'crème brûlée')

    def test_sells_russian_tea(self):
        self.sell('TEA-RU', 'чабрецом')

    def test_sells_greek_tea(self):
        self.sell('TEA-GR', 'Τσάι')

    def test_sells_chinese_tea(self):
        self.sell('TEA-CN', '龙井')

    def test_sells_arabic_tea(self):
        self.sell('TEA-MA', 'بالنعناع')

    def test_sells_a_cup_with_a_picture(self):
        self.sell('CUP-01', '🍵')


class CustomerTest(TestCase):
    def greet(self, name, city):
        import_items(entry for entry in read_catalogue() if entry['sku'] == 'TEA-IE')
        Customer.objects.create(name=name, email='customer@shop.example', city=city)
        order = place_order('customer@shop.example', {'TEA-IE': 1})
        answer = json.loads(self.client.get('/orders/{}/'.format(order.pk)).content.decode('utf-8'))
        self.assertEqual(answer['customer'], name)

    def test_a_customer_from_iceland(self):
        self.greet('Þórunn Jónsdóttir', 'Akureyri')

    def test_a_customer_from_greece(self):
        self.greet('Ελένη Παππά', 'Θεσσαλονίκη')

    def test_a_customer_from_china(self):
        self.greet('李小龙', '杭州')

    def test_a_customer_from_egypt(self):
        self.greet('نجيب محفوظ', 'القاهرة')
