<?php
// Receive callbacks with Laravel: app/Http/Controllers/CallbackController.php
//
//   config/services.php:  'callboard' => ['secret' => env('CALLBOARD_SECRET')],
//   routes/api.php:       Route::post('/hook', CallbackController::class);   (called as /api/hook)
//   a migration:          $table->string('id')->primary(); $table->binary('body');

namespace App\Http\Controllers;

use App\Jobs\HandleCallback;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Illuminate\Support\Facades\DB;

final class CallbackController
{
    private const TOLERANCE_SECONDS = 300;

    public function __invoke(Request $request): Response
    {
        // The raw bytes: a body that was parsed and serialized again has another signature.
        $body = $request->getContent();
        $id = (string) $request->header('webhook-id');
        $timestamp = (string) $request->header('webhook-timestamp');
        $signatures = (string) $request->header('webhook-signature');
        abort_unless($this->isGenuine($id, $timestamp, $signatures, $body), 401);
        // A repeat has the same id and inserts nothing. The job runs after the response.
        if (DB::table('callbacks')->insertOrIgnore(['id' => $id, 'body' => $body])) {
            HandleCallback::dispatch($id);
        }
        return response()->noContent();
    }

    private function isGenuine(string $id, string $timestamp, string $signatures, string $body): bool
    {
        if (!preg_match('/^[0-9]{1,15}$/D', $timestamp)) {
            return false;
        }
        if (abs(time() - (int) $timestamp) > self::TOLERANCE_SECONDS) {
            return false;
        }
        $key = base64_decode(substr(config('services.callboard.secret'), strlen('whsec_')));
        $digest = hash_hmac('sha256', "$id.$timestamp.$body", $key, true);
        $expected = 'v1,' . base64_encode($digest);
        // While a secret is rotated there are two signatures, separated by a space.
        $matches = false;
        foreach (explode(' ', $signatures) as $candidate) {
            $matches = hash_equals($expected, $candidate) || $matches;
        }
        return $matches;
    }
}
