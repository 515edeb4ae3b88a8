from __future__ import unicode_literals

import json

from django.test import TestCase

from shop.catalogue import import_items
from shop.models import Customer
from shop.orders import place_order


class ReportTest(TestCase):
    def report(self):
        return json.loads(self.client.get('/report/').content.decode('utf-8'))

    def test_a_new_shop_has_taken_nothing(self):
        self.assertEqual(self.report()['orders'], 0)

    def test_the_report_adds_up_all_orders(self):
        import_items([{'sku': 'MUG-01', 'name': 'Blue mug', 'price': '8.00', 'stock': 6}])
        Customer.objects.create(name='Ada', email='ada@shop.example')
        place_order('ada@shop.example', {'MUG-01': 1})
        place_order('ada@shop.example', {'MUG-01': 3})
        self.assertEqual(self.report(), {'orders': 2, 'takings': '32.00', 'low': ['MUG-01']})
