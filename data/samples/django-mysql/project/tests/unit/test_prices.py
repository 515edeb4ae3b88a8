# -*- coding: utf-8 -*-
from __future__ import unicode_literals

from decimal import Decimal

from django.test import SimpleTestCase

from shop.orders import discount, price_tag


class PriceTest(SimpleTestCase):
    def test_a_small_order_has_no_discount(self):
        self.assertEqual(discount(Decimal('99.99')), Decimal('0.00'))

    def test_a_hundred_brings_five_percent(self):
        self.assertEqual(discount(Decimal('100.00')), Decimal('5.00'))

    def test_five_hundred_bring_ten_percent(self):
        self.assertEqual(discount(Decimal('500.00')), Decimal('50.00'))

    def test_half_a_cent_is_rounded_up(self):
        self.assertEqual(discount(Decimal('100.10')), Decimal('5.01'))

    def test_a_tag_shows_two_decimals(self):
        self.assertEqual(price_tag(Decimal('4.8')), '4.80 EUR')

    def test_a_tag_groups_thousands(self):
        self.assertEqual(price_tag(Decimal('1234567.5'), 'JPY'), '1 234 567.50 JPY')
