# -*- coding: utf-8 -*-
from __future__ import unicode_literals

from decimal import Decimal

from django.test import TestCase

from shop.catalogue import import_items
from shop.models import Customer, Item, Order
from shop.orders import CannotSell, place_order


def setUpModule():
    # The warehouse's price list takes a while to load: once is enough for the whole module.
    import_items([
        {'sku': 'BOX-S', 'name': 'Small box', 'price': '1.20', 'stock': 10},
        {'sku': 'BOX-M', 'name': 'Middle-sized box', 'price': '2.40', 'stock': 10},
        {'sku': 'BOX-L', 'name': 'Large box', 'price': '4.80', 'stock': 2},
    ])
    Customer.objects.create(name='Zoë Håkansson', email='zoe@shop.example', city='Malmö')
    place_order('zoe@shop.example', {'BOX-S': 2, 'BOX-M': 1})


class StockTest(TestCase):
    def test_an_order_takes_items_from_the_stock(self):
        place_order('zoe@shop.example', {'BOX-S': 3})
        self.assertEqual(Item.objects.get(sku='BOX-S').stock, 5)

    def test_an_order_adds_up(self):
        order = place_order('zoe@shop.example', {'BOX-S': 1, 'BOX-M': 2})
        self.assertEqual(order.total, Decimal('6.00'))

    def test_what_is_not_in_stock_cannot_be_sold(self):
        with self.assertRaises(CannotSell) as refusal:
            place_order('zoe@shop.example', {'BOX-L': 3})
        self.assertEqual(str(refusal.exception), 'only 2 of BOX-L left')

    def test_a_refused_order_leaves_nothing_behind(self):
        before = Order.objects.count()
        with self.assertRaises(CannotSell):
            place_order('zoe@shop.example', {'BOX-M': 1, 'NO-SUCH': 1})
        self.assertEqual(Order.objects.count(), before)
        self.assertEqual(Item.objects.get(sku='BOX-M').stock, 9)

    def test_an_empty_basket_is_refused(self):
        with self.assertRaises(CannotSell):
            place_order('zoe@shop.example', {})

    def test_a_stranger_cannot_order(self):
        with self.assertRaises(CannotSell):
            place_order('nobody@shop.example', {'BOX-S': 1})
