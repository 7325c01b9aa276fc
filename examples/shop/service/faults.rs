//! The deliberate faults: each is one small deviation from the document, and shows only where its description says.
//! HEAD is served like GET, so what a fault does to status and headers of a GET it does to those of HEAD.

/// Declares [`Fault`] with the family, the name and the description of each.
macro_rules! faults {
    ($($family:literal { $($fault:ident $name:literal $description:literal;)+ })+) => {
        /// One deliberate deviation of the service.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[doc = $description] $fault,)+)+
        }

        impl Fault {
            /// All faults, by family.
            pub const ALL: &[Fault] = &[$($(Fault::$fault,)+)+];

            /// The name on the command line.
            pub fn name(self) -> &'static str {
                match self { $($(Fault::$fault => $name,)+)+ }
            }

            /// What the service does wrong, in one sentence.
            pub fn description(self) -> &'static str {
                match self { $($(Fault::$fault => $description,)+)+ }
            }

            /// The family: what kind of deviation it is.
            pub fn family(self) -> &'static str {
                match self { $($(Fault::$fault => $family,)+)+ }
            }

            /// The fault of this name.
            pub fn parse(name: &str) -> Option<Fault> {
                Fault::ALL.iter().copied().find(|fault| fault.name() == name)
            }
        }
    };
}

faults! {
    "schema" {
        PriceAsText "price-as-text" "GET /products/{id} returns the amount of the price as text.";
        ListWithoutVersion "list-without-version" "GET /products omits `version` from the second item of a page.";
        ExtraMember "extra-member" "GET /products/{id} returns the undocumented member `internal_cost`.";
        TitleNull "title-null" "GET /products/{id} returns a null title when German is requested and the product has no German title.";
        CurrencyLowercase "currency-lowercase" "GET /cart returns the currency of a non-zero total in lower case.";
        CreatedWithoutZone "created-without-zone" "GET /products/{id} returns `created_at` without a time zone.";
        SkuLowercase "sku-lowercase" "QUERY /products/search returns SKUs in lower case.";
        RatingAboveFive "rating-above-five" "GET /products/{id} returns a rating of 5.5 for products that are rated 5.";
        DiscontinuedWithoutDate "discontinued-without-date" "GET /products/{id} omits `discontinued_at` from discontinued products.";
        TagsNull "tags-null" "GET /products/{id} returns null instead of an empty list of tags.";
        TotalAsDecimal "total-as-decimal" "GET /orders/{id} returns the amount of the total in whole units with decimals.";
        CancelledWithoutDate "cancelled-without-date" "POST /orders/{id}/cancellation omits `cancelled_at` from the order.";
        WrongDiscriminator "wrong-discriminator" "GET /orders/{id} names the payment by card `credit-card` instead of `card`.";
        CustomerIdWithoutDashes "customer-id-without-dashes" "GET /session returns `customer_id` as a UUID without dashes.";
        ProblemStatusAsText "problem-status-as-text" "POST /products returns `status` as text in problems of invalid members.";
        ProblemWithoutErrors "problem-without-errors" "POST /customers omits `errors` from problems of invalid members.";
        ProgressAboveHundred "progress-above-hundred" "GET /exports/{id} returns a progress of 133 at the second poll.";
        PasswordReturned "password-returned" "GET /customers/{id} returns the write-only member `password`.";
        NextMissing "next-missing" "GET /products omits `next` from the last page instead of returning null.";
        DuplicateTags "duplicate-tags" "GET /products/{id} repeats the first of several tags.";
        TrackingEmpty "tracking-empty" "GET /orders/{id} returns an empty tracking code for shipped and delivered orders.";
        NegativeStock "negative-stock" "GET /stock/{skus} returns -1 for products that are sold out.";
        HistoryWithoutTime "history-without-time" "GET /orders/{id} omits `at` from the last entry of a history of more than one entry.";
    }
    "headers" {
        CreateWithoutLocation "create-without-location" "POST /products returns 201 without Location.";
        RegisterWithoutLocation "register-without-location" "POST /customers returns 201 without Location.";
        ExportWithoutLocation "export-without-location" "POST /exports returns 202 without Location.";
        OrderLocationWrong "order-location-wrong" "POST /orders returns a Location at which nothing exists.";
        ProductLocationOfAnother "product-location-of-another" "POST /products returns the Location of the first product.";
        ProductWithoutEtag "product-without-etag" "GET /products/{id} returns no ETag.";
        EtagUnquoted "etag-unquoted" "GET /products/{id} returns an ETag without quotes.";
        NotModifiedWithoutEtag "not-modified-without-etag" "GET /products/{id} returns 304 without ETag.";
        LinkWithoutRel "link-without-rel" "GET /products returns a Link header without `rel`.";
        LinkMissing "link-missing" "GET /orders returns no Link header although there is another page.";
        SessionCookieReadable "session-cookie-readable" "POST /session sets the session cookie without HttpOnly.";
        CsvAsPlainText "csv-as-plain-text" "GET /reports/sales.csv has the media type text/plain.";
        ImageAsBytes "image-as-bytes" "GET /products/{id}/image has the media type application/octet-stream.";
        DigestWrong "digest-wrong" "GET /products/{id}/image has a Content-Digest of other bytes.";
        VaryMissing "vary-missing" "GET /products/{id} returns no Vary header.";
        AllowIncomplete "allow-incomplete" "OPTIONS /products leaves POST out of Allow.";
        QuoteWithoutRetryAfter "quote-without-retry-after" "GET /partner/quote returns 429 without Retry-After.";
        RetryAfterAsText "retry-after-as-text" "GET /reports/stock returns 503 with the word `soon` as Retry-After.";
        NoChallenge "no-challenge" "GET /exports/{id} returns 401 without WWW-Authenticate.";
        TokenCacheable "token-cacheable" "POST /oauth/token returns tokens without Cache-Control: no-store.";
        LastModifiedIso "last-modified-iso" "GET /products/{id} returns Last-Modified in ISO 8601.";
        HeadOtherEtag "head-other-etag" "HEAD /products/{id} returns another ETag than GET.";
        HeadWithoutTotal "head-without-total" "HEAD /products returns no X-Total-Count, although GET does.";
        TotalOfPage "total-of-page" "GET /products returns the number of items of the page as X-Total-Count.";
        EventsAsPlainText "events-as-plain-text" "GET /orders/events has the media type text/plain.";
        ProblemAsJson "problem-as-json" "GET /products/{id} returns 404 as application/json instead of application/problem+json.";
        AttachmentWithoutName "attachment-without-name" "GET /reports/sales.csv returns Content-Disposition without a file name.";
    }
    "status" {
        CreatedAsOk "created-as-ok" "POST /products returns 200 for a created product.";
        BadJsonAsError "bad-json-as-error" "POST /customers returns 500 when the body is not JSON.";
        ForeignOrderForbidden "foreign-order-forbidden" "GET /orders/{id} returns 403 instead of 404 for orders of other customers.";
        DeleteAsOk "delete-as-ok" "DELETE /products/{id} returns 200 with an empty object.";
        MissingAsNull "missing-as-null" "GET /products/{id} returns 200 with null for unknown products.";
        NeverNotModified "never-not-modified" "GET /products/{id} returns 200 although If-None-Match has the current ETag.";
        MediaTypeIgnored "media-type-ignored" "POST /products reads JSON of any media type instead of returning 415.";
        ConflictAsInvalid "conflict-as-invalid" "POST /products returns 422 instead of 409 for a known SKU.";
        PreconditionMissingAsFailed "precondition-missing-as-failed" "PUT /products/{id} returns 412 instead of 428 when If-Match is missing.";
        BadCursorAsError "bad-cursor-as-error" "GET /products returns 500 for an invalid cursor.";
        EmptyCartOrdered "empty-cart-ordered" "POST /orders returns 201 for an empty cart.";
        ZeroQuantityAccepted "zero-quantity-accepted" "POST /cart/items accepts a quantity of zero.";
        UnknownMemberAccepted "unknown-member-accepted" "POST /products accepts unknown members.";
        ExportAsOk "export-as-ok" "POST /exports returns 200 instead of 202.";
        EarlyResultEmpty "early-result-empty" "GET /exports/{id}/result returns an empty 200 instead of 409 while the job runs.";
        UnknownCustomerAsError "unknown-customer-as-error" "GET /customers/{id} returns 500 for an unknown customer.";
        BadDateAccepted "bad-date-accepted" "GET /reports/sales.csv ignores an invalid `from` instead of returning 400.";
    }
    "security" {
        ReplaceWithoutToken "replace-without-token" "PUT /products/{id} needs no token.";
        AnyTokenAccepted "any-token-accepted" "POST /exports accepts any bearer token.";
        ExpiredTokenAccepted "expired-token-accepted" "GET /products/export accepts expired tokens.";
        RoleIgnored "role-ignored" "DELETE /products/{id} accepts tokens that may only read.";
        ScopeEscalation "scope-escalation" "POST /oauth/token grants `shop:write` to readers that request it.";
        RefreshTokenReusable "refresh-token-reusable" "POST /oauth/token accepts a refresh token again after its rotation.";
        ClientSecretIgnored "client-secret-ignored" "POST /oauth/token does not check the secret of the client.";
        ForeignOrderReadable "foreign-order-readable" "GET /orders/{id} returns orders of other customers.";
        ForeignOrderCancelled "foreign-order-cancelled" "POST /orders/{id}/cancellation cancels orders of other customers.";
        ForeignCustomerReadable "foreign-customer-readable" "GET /customers/{id} returns other customers to a session.";
        ForeignOrdersListed "foreign-orders-listed" "GET /orders lists the orders of all customers to a session.";
        CsrfNotChecked "csrf-not-checked" "POST /cart/items needs no CSRF token.";
        CsrfOfAnotherSession "csrf-of-another-session" "PUT /cart/items/{id} accepts the CSRF token of another session.";
        SessionSurvivesLogout "session-survives-logout" "DELETE /session expires the cookie but keeps the session.";
        SessionFixed "session-fixed" "POST /session keeps the session id that was used before login.";
        LoginWithoutPassword "login-without-password" "POST /session accepts any password of a known customer.";
        UnknownEmailExposed "unknown-email-exposed" "POST /session returns 404 instead of 401 for unknown emails.";
        ApiKeyAnyCase "api-key-any-case" "GET /partner/inventory accepts an API key in another case.";
        FeedKeyIgnored "feed-key-ignored" "GET /feed needs no API key.";
        BasicPasswordIgnored "basic-password-ignored" "GET /reports/sales.csv accepts any password.";
        EventsOpen "events-open" "GET /orders/events needs no token.";
    }
    "state" {
        LostUpdate "lost-update" "PUT /products/{id} accepts an If-Match of an earlier version.";
        VersionKept "version-kept" "PATCH /products/{id} keeps version and ETag.";
        DeleteKeepsProduct "delete-keeps-product" "DELETE /products/{id} returns 204 but deletes nothing.";
        DeletedStillListed "deleted-still-listed" "GET /products lists deleted products.";
        ReplaceForgetsDescription "replace-forgets-description" "PUT /products/{id} returns the new description but stores the earlier one.";
        PatchNullIgnored "patch-null-ignored" "PATCH /products/{id} ignores null instead of removing the value.";
        PatchClearsTags "patch-clears-tags" "PATCH /products/{id} clears tags that the patch does not mention.";
        BirthdayForgotten "birthday-forgotten" "PUT /customers/{id} does not change the birthday.";
        CartTotalStale "cart-total-stale" "PUT /cart/items/{id} changes a quantity without computing the total of the cart again.";
        CartShared "cart-shared" "GET /cart shows items of other sessions while its own cart is empty.";
        CartItemKept "cart-item-kept" "DELETE /cart/items/{id} returns 204 but keeps the item.";
        LoginLosesCart "login-loses-cart" "POST /session empties the cart.";
        OrderKeepsCart "order-keeps-cart" "POST /orders does not empty the cart.";
        Oversell "oversell" "POST /orders sells more than the stock when orders are placed at the same time.";
        StockKept "stock-kept" "POST /orders does not reduce the stock.";
        KeyIgnored "key-ignored" "POST /orders places an order again when its idempotency key is sent again.";
        KeyBodyIgnored "key-body-ignored" "POST /orders returns the first order for a known idempotency key with another body.";
        ShippingNotAdded "shipping-not-added" "POST /orders leaves the shipping cost out of the total when a parcel is sent.";
        OrderPriceFollows "order-price-follows" "GET /orders/{id} shows the current price of the product instead of the ordered one.";
        CancelWithoutRestock "cancel-without-restock" "POST /orders/{id}/cancellation does not return the items to the stock.";
        CancelShipped "cancel-shipped" "POST /orders/{id}/cancellation cancels shipped orders.";
        StateSkipped "state-skipped" "PUT /orders/{id}/state allows any state after any other.";
        CursorSkips "cursor-skips" "GET /products skips one item after each cursor.";
        CursorRepeats "cursor-repeats" "GET /orders repeats the last item of a page on the next one.";
        PageTooLong "page-too-long" "GET /products returns one item more than `limit` when there are more.";
        PriceFilterIgnored "price-filter-ignored" "GET /products ignores `filter[price][lte]`.";
        PriceFilterExclusive "price-filter-exclusive" "GET /products leaves out prices equal to `filter[price][gte]`.";
        TagsFilterAll "tags-filter-all" "GET /products requires all of `tags` instead of any.";
        SortAsText "sort-as-text" "GET /products sorts prices as text.";
        SortAscending "sort-ascending" "GET /products sorts names in ascending order when `-name` is requested.";
        SearchStale "search-stale" "QUERY /products/search finds changed products by their first title only.";
        SearchIgnoresMaximum "search-ignores-maximum" "QUERY /products/search ignores `max_price`.";
        JobNeverDone "job-never-done" "GET /exports/{id} never reports a job as done.";
        ResultOutdated "result-outdated" "GET /exports/{id}/result leaves out products that were created since the start of the service.";
        EventMissing "event-missing" "GET /orders/events sends no event when an order is shipped.";
        EventsReversed "events-reversed" "GET /orders/events sends stored events in reverse order.";
        EventIdRepeated "event-id-repeated" "GET /orders/events sends every event with the id 1.";
        InventoryNotStored "inventory-not-stored" "PUT /partner/inventory/{id} returns the new stock but does not store it.";
    }
    "bodies" {
        ImageByteChanged "image-byte-changed" "GET /products/{id}/image returns an image whose last byte was changed.";
        MetadataIgnored "metadata-ignored" "PUT /products/{id}/image stores `Product` instead of the alternative text of the metadata part.";
        CsvColumnsSwapped "csv-columns-swapped" "GET /reports/sales.csv swaps the columns state and total.";
        CsvUnquoted "csv-unquoted" "GET /exports/{id}/result does not quote titles with a comma.";
        XmlUnescaped "xml-unescaped" "GET /orders/{id}/document does not escape `&` in titles.";
        XmlNamespaceWrong "xml-namespace-wrong" "GET /orders/{id}/document uses another namespace.";
        XmlAttributeMissing "xml-attribute-missing" "GET /orders/{id}/document has the SKU of a line as an element instead of an attribute.";
        XmlLinesUnwrapped "xml-lines-unwrapped" "GET /orders/{id}/document has its lines outside of `lines`.";
        NdjsonBroken "ndjson-broken" "GET /products/export breaks the second line in two.";
        NdjsonLastMissing "ndjson-last-missing" "GET /products/export leaves out the last product.";
        NdjsonItemInvalid "ndjson-item-invalid" "GET /products/export returns the version of the third product as text.";
        ImportStops "import-stops" "POST /products/import ignores all lines after the first invalid one.";
        ImportLineWrong "import-line-wrong" "POST /products/import counts the lines of errors from zero.";
        EventBroken "event-broken" "GET /orders/events cuts off the data of events with the state `paid`.";
        HeartbeatAsEvent "heartbeat-as-event" "GET /orders/events sends heartbeats as events instead of comments.";
        PageWithoutToken "page-without-token" "GET / has an empty CSRF token in its page.";
    }
    "languages" {
        LanguageIgnored "language-ignored" "GET /products/{id} returns the English title when German is requested.";
        QualityIgnored "quality-ignored" "GET /products/{id} uses the first of the accepted languages and ignores their quality.";
        ContentLanguageWrong "content-language-wrong" "GET /products/{id} returns the Content-Language `en` with a German title.";
        UnknownLanguageRejected "unknown-language-rejected" "GET /products/{id} returns 406 when no known language is accepted.";
    }
}
