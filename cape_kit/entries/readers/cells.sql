-- The kinds of cells: for each, a quick way for the common form and a slow way for what people make of it.
-- Branches are CASE, not COALESCE: the engine then works out the slow way only for the rows that need it.
-- YES, NO and COUNTRIES are filled in from profiles/_words.toml.

CREATE OR REPLACE MACRO unwrap(c) AS nullif(trim(regexp_replace(regexp_replace(
    trim(replace(c, chr(160), ' ')), '^="(.*)"$', '\1'), '^''', '')), '');
CREATE OR REPLACE MACRO wash(c) AS CASE
    WHEN c < '0' OR c > '~' OR starts_with(c, '=') OR ends_with(c, ' ') OR ends_with(c, chr(160))
    THEN unwrap(c) ELSE c END;
CREATE OR REPLACE MACRO bare_number(c) AS upper(regexp_replace(regexp_replace(
    unwrap(c), '^([0-9]+)\.0+$', '\1'), '[\s\x{2010}-\x{2015}-]', '', 'g'));
CREATE OR REPLACE MACRO eleven(b) AS CASE WHEN regexp_full_match(b, '[0-9A-Z]{3}[0-9]{8}') THEN b END;
CREATE OR REPLACE MACRO as_entry(c) AS CASE
    WHEN regexp_full_match(c, '[0-9A-Z]{3}[0-9]{8}') THEN c ELSE eleven(bare_number(c)) END;
CREATE OR REPLACE MACRO plain_amount(b) AS CASE
    WHEN regexp_full_match(b, '-?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?') AND regexp_matches(b, '\d')
    THEN replace(b, ',', '') END;
CREATE OR REPLACE MACRO amount_text(w) AS plain_amount(regexp_replace(regexp_replace(regexp_replace(
    w, '\s*(USD|US\$|\$)\s*', '', 'g'), '^\(\s*(.*?)\s*\)$', '-\1'), '^([^-].*?)\s*-$', '-\1'));
-- What a formula left beyond the cents is rounded; three digits behind a point may as well be thousands (12.345).
CREATE OR REPLACE MACRO millionths(t) AS try_cast(t AS DECIMAL(18, 6));
CREATE OR REPLACE MACRO decimal_of(t) AS CASE
    WHEN CAST(millionths(t) AS DECIMAL(18, 2)) = millionths(t) THEN CAST(millionths(t) AS DECIMAL(18, 2))
    WHEN NOT regexp_full_match(t, '-?[1-9]\d{0,2}\.\d{3}') THEN try_cast(t AS DECIMAL(18, 2)) END;
CREATE OR REPLACE MACRO as_cents(c) AS CAST(100 * (CASE
    WHEN decimal_of(c) IS NOT NULL THEN decimal_of(c)
    ELSE decimal_of(amount_text(upper(unwrap(c)))) END) AS BIGINT);
CREATE OR REPLACE MACRO as_count(c) AS CASE
    WHEN regexp_full_match(c, '\d{1,9}') THEN CAST(c AS INTEGER)
    ELSE try_cast(regexp_extract(unwrap(c), '^(\d{1,9})(\.0*)?$', 1) AS INTEGER) END;
CREATE OR REPLACE MACRO sane(d) AS CASE WHEN year(d) BETWEEN 1980 AND 2099 THEN CAST(d AS DATE) END;
CREATE OR REPLACE MACRO serial_day(w) AS CASE WHEN regexp_full_match(w, '[3-6]\d{4}(\.\d+)?')
    THEN make_date(1899, 12, 30) + CAST(floor(CAST(w AS DOUBLE)) AS INTEGER) END;
CREATE OR REPLACE MACRO iso_day(t) AS try_strptime(t, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%Y-%m-%dT%H:%M:%S',
    '%Y/%m/%d', '%Y%m%d', '%d-%b-%Y', '%d %b %Y', '%d-%B-%Y', '%d %B %Y', '%b %d, %Y', '%B %d, %Y', '%d%b%Y']);
CREATE OR REPLACE MACRO mdy_day(t) AS try_strptime(t, ['%m/%d/%Y', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%d-%b-%Y',
    '%Y-%m-%dT%H:%M:%S', '%Y/%m/%d', '%Y%m%d', '%d %b %Y', '%d-%B-%Y', '%d %B %Y', '%b %d, %Y', '%B %d, %Y', '%d%b%Y',
    '%m-%d-%Y', '%m.%d.%Y', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %I:%M %p']);
CREATE OR REPLACE MACRO dmy_day(t) AS try_strptime(t, ['%d/%m/%Y', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%d-%b-%Y',
    '%Y-%m-%dT%H:%M:%S', '%Y/%m/%d', '%Y%m%d', '%d %b %Y', '%d-%B-%Y', '%d %B %Y', '%b %d, %Y', '%B %d, %Y', '%d%b%Y',
    '%d-%m-%Y', '%d.%m.%Y', '%d/%m/%Y %H:%M:%S', '%d/%m/%Y %H:%M', '%d/%m/%Y %I:%M:%S %p', '%d/%m/%Y %I:%M %p']);
CREATE OR REPLACE MACRO day_iso(c) AS sane(coalesce(iso_day(unwrap(c)), serial_day(unwrap(c))));
CREATE OR REPLACE MACRO day_mdy(c) AS CASE WHEN mdy_day(c) IS NOT NULL THEN sane(mdy_day(c))
    ELSE sane(coalesce(mdy_day(unwrap(c)), serial_day(unwrap(c)))) END;
CREATE OR REPLACE MACRO day_dmy(c) AS CASE WHEN dmy_day(c) IS NOT NULL THEN sane(dmy_day(c))
    ELSE sane(coalesce(dmy_day(unwrap(c)), serial_day(unwrap(c)))) END;
CREATE OR REPLACE MACRO hts_cut(d) AS CASE
    WHEN length(d) = 10 AND starts_with(d, '99') AND ends_with(d, '00') THEN left(d, 8)
    WHEN length(d) IN (8, 10) THEN d END;
CREATE OR REPLACE MACRO hts_fill(w) AS CASE
    WHEN regexp_full_match(w, '\d{7}|\d{9}') THEN '0' || w
    WHEN regexp_full_match(w, '[\d.\s-]+') THEN regexp_replace(w, '[.\s-]', '', 'g') END;
-- Numbers among words ("9903.01.25 - Reciprocal"): read where the cell holds one number and no other digits of note.
CREATE OR REPLACE MACRO long_digits(t) AS list_filter(string_split_regex(coalesce(t, ''), '[^0-9.]+'),
    lambda x: length(replace(x, '.', '')) >= 4);
CREATE OR REPLACE MACRO hts_numbers(t) AS list_distinct(list_transform(long_digits(t),
    lambda x: CASE WHEN regexp_full_match(x, '\d{4}\.?\d{2}\.?\d{2}(\.?\d{2})?\.?')
                   THEN hts_cut(replace(x, '.', '')) ELSE '' END));
CREATE OR REPLACE MACRO chapter_99_of(t) AS list_filter(hts_numbers(t), lambda x: starts_with(x, '99') OR x = '');
CREATE OR REPLACE MACRO goods_numbers_of(t) AS list_filter(hts_numbers(t), lambda x: NOT starts_with(x, '99'));
CREATE OR REPLACE MACRO hts_among_words(t) AS CASE WHEN len(hts_numbers(t)) = 1 THEN nullif(hts_numbers(t)[1], '') END;
CREATE OR REPLACE MACRO hts_plain(t) AS hts_cut(hts_fill(regexp_replace(t, '^(\d{7,10})\.0+$', '\1')));
CREATE OR REPLACE MACRO as_hts(c) AS CASE
    WHEN regexp_full_match(c, '\d{8}|([0-8]\d|9[0-8])\d{8}') THEN c
    WHEN hts_plain(unwrap(c)) IS NOT NULL THEN hts_plain(unwrap(c))
    ELSE hts_among_words(unwrap(c)) END;
CREATE OR REPLACE MACRO as_country(c) AS CASE
    WHEN regexp_full_match(c, '[A-Z]{2}') THEN c
    WHEN regexp_full_match(unwrap(c), '[A-Za-z]{2}') THEN upper(unwrap(c))
    WHEN regexp_full_match(unwrap(c), '[A-Za-z]{2}\s*[-–:(].*') THEN upper(left(unwrap(c), 2))
    ELSE map_extract_value(COUNTRIES, lower(unwrap(c))) END;
CREATE OR REPLACE MACRO as_entry_type(c) AS CASE
    WHEN regexp_full_match(c, '\d{2}') THEN c
    ELSE lpad(nullif(regexp_extract(unwrap(c), '^0?(\d{1,2})(\.0+)?(\D.*)?$', 1), ''), 2, '0') END;
CREATE OR REPLACE MACRO as_port(c) AS CASE
    WHEN regexp_full_match(c, '\d{4}') THEN c
    ELSE lpad(nullif(regexp_extract(unwrap(c), '^(\d{3,4})(\.0+)?(\D.*)?$', 1), ''), 4, '0') END;
CREATE OR REPLACE MACRO as_flag(c) AS CASE
    WHEN lower(unwrap(c)) IN (YES) THEN true WHEN lower(unwrap(c)) IN (NO) THEN false END;
CREATE OR REPLACE MACRO as_importer(c) AS upper(wash(c));
